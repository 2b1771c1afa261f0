use super::*;

fn somebody(roles: Vec<Role>) -> Who {
    Who {
        person: Some(PersonId::from_random([7; 8])),
        roles,
        clearances: vec![],
    }
}

#[test]
fn every_act_has_exactly_one_row() {
    for act in Act::ALL {
        assert_eq!(TABLE.iter().filter(|(a, _)| a == act).count(), 1, "{act:?}");
    }
    assert_eq!(TABLE.len(), Act::ALL.len());
}

#[test]
fn every_act_is_refused_to_nobody_to_no_role_and_to_a_suspended_account() {
    for act in Act::ALL {
        assert_eq!(
            may(&Who::nobody(), *act).unwrap_err().why,
            Why::Refused,
            "{act:?}"
        );
        assert_eq!(
            may(&somebody(vec![]), *act).unwrap_err().why,
            Why::Refused,
            "{act:?}"
        );
        assert_eq!(
            may(&somebody(vec![Role::Suspended]), *act).unwrap_err().why,
            Why::Refused,
            "{act:?}"
        );
        assert!(may(&somebody(vec![Role::Owner]), *act).is_ok(), "{act:?}");
    }
}

#[test]
fn a_clearance_reaches_its_own_level_and_compartment_only() {
    let mut who = somebody(vec![Role::Owner]);
    assert!(!who.clears("main", Level::Open));
    who.clearances.push(("main".into(), Level::Restricted));
    assert!(who.clears("main", Level::Restricted));
    assert!(!who.clears("main", Level::Sealed));
    assert!(!who.clears("other", Level::Open));
}
