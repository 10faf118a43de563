//! What an invitation looks like outside: its token, and the letter that carries it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::access::Role;
use domain::business::TokenHash;
use domain::{BusinessId, Email, InvitationId};
use rand::RngCore;
use uuid::Uuid;

use crate::mail::{Mail, PageAddress};

const BYTES: usize = 64;

/// Says which invitation it is, and proves it by 256 random bits, of which only the hash is kept. Never printed.
pub struct Token([u8; BYTES]);

impl Token {
    pub fn issue(business: BusinessId, invitation: InvitationId) -> Self {
        let mut bytes = [0; BYTES];
        bytes[..16].copy_from_slice(business.as_uuid().as_bytes());
        bytes[16..32].copy_from_slice(invitation.as_uuid().as_bytes());
        rand::thread_rng().fill_bytes(&mut bytes[32..]);
        Self(bytes)
    }

    pub fn read(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text.trim()).ok()?;
        bytes.try_into().ok().map(Self)
    }

    pub fn business(&self) -> BusinessId {
        BusinessId::from_uuid(self.id(0))
    }

    pub fn invitation(&self) -> InvitationId {
        InvitationId::from_uuid(self.id(16))
    }

    fn id(&self, from: usize) -> Uuid {
        let mut id = [0; 16];
        id.copy_from_slice(&self.0[from..from + 16]);
        Uuid::from_bytes(id)
    }

    pub fn hash(&self) -> TokenHash {
        TokenHash::of(&self.0)
    }

    fn expose(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }
}

/// The letter to whoever is invited. The name of the business is its owner's word to a stranger, so it is quoted and
/// on one line.
pub fn letter(to: Email, business: &str, role: Role, token: &Token, page: &PageAddress) -> Mail {
    let name: String = business.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let may = match role {
        Role::Owner => "an owner: everything",
        Role::Manager => "a manager: the figures, imports and settings",
        Role::Viewer => "a viewer: the figures",
        Role::Auditor => "an auditor: the figures and the audit history",
    };
    let text = format!(
        "You are invited to the business \"{name}\" in Workdock, as {may}.\n\n\
         Open this link within seven days. It works once, for this address only:\n\n\
         {page}/invitation#token={token}\n\n\
         If you do not know who invites you, do nothing: the link then ends by itself.\n",
        page = page.0,
        token = token.expose(),
    );
    Mail::new(to, format!("Invitation to \"{name}\""), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_says_what_it_is_for_and_a_letter_carries_it() {
        let (business, invitation) = (BusinessId::new(), InvitationId::new());
        let token = Token::issue(business, invitation);
        let page = PageAddress("https://workdock.example".to_owned());
        let mail = letter("ada@example.com".parse().unwrap(), "A\r\nBcc: b", Role::Viewer, &token, &page);
        assert!(!mail.subject.contains('\n'), "{}", mail.subject);
        let (_, rest) = mail.text.split_once("https://workdock.example/invitation#token=").unwrap();
        let read = Token::read(rest.lines().next().unwrap()).unwrap();
        assert_eq!((read.business(), read.invitation(), read.hash()), (business, invitation, token.hash()));
        assert_ne!(Token::issue(business, invitation).hash(), token.hash());
        for wrong in ["", "x", "AAAA", &"A".repeat(200), "%%%"] {
            assert!(Token::read(wrong).is_none(), "{wrong}");
        }
    }
}
