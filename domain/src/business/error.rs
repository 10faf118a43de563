#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BusinessError {
    #[error("this business is already registered")]
    AlreadyRegistered,
    #[error("there is no such business; register it first")]
    NotRegistered,
    #[error("a business needs a name of 1 to 120 characters")]
    InvalidName,
}
