use serde::{Deserialize, Serialize};

use super::{BusinessEvent, RulesCommand, RulesError};
use crate::RuleId;
use crate::meaning::{InvalidRule, MOST_RULES, Rule};

/// What a business says its transactions mean, in the order in which it is asked.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules(Vec<Rule>);

impl Rules {
    pub fn list(&self) -> &[Rule] {
        &self.0
    }

    fn place(&self, id: RuleId) -> Option<usize> {
        self.0.iter().position(|rule| rule.id == id)
    }

    /// The event that follows from a command; none where nothing would change.
    pub(super) fn decide(&self, command: RulesCommand) -> Result<Option<BusinessEvent>, RulesError> {
        match command {
            RulesCommand::Set { rule, before } => self.set(rule, before),
            RulesCommand::Delete { id } => {
                self.place(id).ok_or(RulesError::NoSuchRule)?;
                Ok(Some(BusinessEvent::RuleDeleted { rule: id }))
            }
            RulesCommand::Order { ids } => self.order(ids),
        }
    }

    fn set(&self, rule: Rule, before: Option<RuleId>) -> Result<Option<BusinessEvent>, RulesError> {
        rule.when.check()?;
        if before.is_some_and(|id| id == rule.id || self.place(id).is_none()) {
            return Err(RulesError::NoSuchRule);
        }
        let place = self.place(rule.id);
        if place.is_none() && self.0.len() >= MOST_RULES {
            return Err(RulesError::TooMany);
        }
        let same = place.is_some_and(|at| before.is_none() && self.0[at] == rule);
        let Rule { id, when, then } = rule;
        Ok((!same).then_some(BusinessEvent::RuleSet { rule: id, when, then, before }))
    }

    fn order(&self, ids: Vec<RuleId>) -> Result<Option<BusinessEvent>, RulesError> {
        let (mut asked, mut there) = (ids.clone(), self.0.iter().map(|rule| rule.id).collect::<Vec<_>>());
        let same = asked == there;
        asked.sort_unstable();
        there.sort_unstable();
        if asked != there {
            return Err(RulesError::NotTheList);
        }
        Ok((!same).then_some(BusinessEvent::RulesOrdered { rules: ids }))
    }

    /// Events of others change nothing here.
    pub fn apply(&mut self, event: BusinessEvent) {
        match event {
            BusinessEvent::RuleSet { rule: id, when, then, before } => {
                let rule = Rule { id, when, then };
                let was = self.place(id);
                if let Some(at) = was {
                    self.0.remove(at);
                }
                let end = self.0.len();
                let at = before.and_then(|before| self.place(before)).or(was).unwrap_or(end);
                self.0.insert(at.min(end), rule);
            }
            BusinessEvent::RuleDeleted { rule } => self.0.retain(|known| known.id != rule),
            BusinessEvent::RulesOrdered { rules } => {
                let place = |rule: &Rule| rules.iter().position(|id| *id == rule.id).unwrap_or(usize::MAX);
                self.0.sort_by_key(place);
            }
            _ => {}
        }
    }
}

impl From<InvalidRule> for RulesError {
    fn from(error: InvalidRule) -> Self {
        Self::Invalid(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;
    use crate::meaning::{Meaning, When};

    fn rule(n: u128, text: &str) -> Rule {
        let when = When { text: vec![text.to_owned()], ..When::default() };
        let then = Meaning { kind: Kind::Expense, category: "rent".parse().unwrap() };
        Rule { id: RuleId::from_uuid(uuid::Uuid::from_u128(n)), when, then }
    }

    fn id(n: u128) -> RuleId {
        rule(n, "").id
    }

    fn after(commands: Vec<RulesCommand>) -> Rules {
        let mut rules = Rules::default();
        for command in commands {
            if let Some(event) = rules.decide(command).unwrap() {
                rules.apply(event);
            }
        }
        rules
    }

    fn set(n: u128, text: &str, before: Option<u128>) -> RulesCommand {
        RulesCommand::Set { rule: rule(n, text), before: before.map(id) }
    }

    fn ids(rules: &Rules) -> Vec<u128> {
        rules.list().iter().map(|rule| rule.id.as_uuid().as_u128()).collect()
    }

    #[test]
    fn a_rule_keeps_its_place_when_it_is_changed() {
        let rules =
            after(vec![set(1, "one", None), set(2, "two", None), set(3, "three", Some(1)), set(1, "uno", None)]);
        assert_eq!(ids(&rules), [3, 1, 2]);
        assert_eq!(rules.list()[1].when.text, ["uno"]);
        assert_eq!(rules.decide(set(1, "uno", None)), Ok(None));
    }

    #[test]
    fn the_order_is_one_of_all_rules() {
        let mut rules = after(vec![set(1, "one", None), set(2, "two", None)]);
        assert_eq!(rules.decide(RulesCommand::Order { ids: vec![id(2)] }), Err(RulesError::NotTheList));
        let event = rules.decide(RulesCommand::Order { ids: vec![id(2), id(1)] }).unwrap().unwrap();
        rules.apply(event);
        assert_eq!(ids(&rules), [2, 1]);
        rules.apply(rules.decide(RulesCommand::Delete { id: id(2) }).unwrap().unwrap());
        assert_eq!(ids(&rules), [1]);
        assert_eq!(rules.decide(RulesCommand::Delete { id: id(2) }), Err(RulesError::NoSuchRule));
    }
}
