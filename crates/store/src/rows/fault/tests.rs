use super::*;

fn said(state: &str) -> Error {
    by_state("postgres://u@h:1/d".to_owned(), state, "said".into())
}

#[test]
fn every_state_a_person_or_program_acts_on_has_its_variant() {
    type Is = fn(&Error) -> bool;
    let is: [(&[&str], Is); 10] = [
        (&["28000", "28P01", "42501"], |e| {
            matches!(e, Error::Denied { .. })
        }),
        (&["3D000", "57P04"], |e| matches!(e, Error::NotFound { .. })),
        (&["53100"], |e| matches!(e, Error::Full { .. })),
        (&["25006"], |e| matches!(e, Error::ReadOnly { .. })),
        (
            &["55P03", "57014", "40001", "40P01", "53300", "53200"],
            |e| matches!(e, Error::Busy { .. }),
        ),
        (&["23505", "23503", "23502", "23514"], |e| {
            matches!(e, Error::Conflict { .. })
        }),
        (
            &["08000", "08006", "57P01", "57P02", "57P03", "25P03"],
            |e| matches!(e, Error::Unreachable { .. }),
        ),
        (&["XX001", "XX002"], |e| matches!(e, Error::Damaged { .. })),
        (&["58030", "58P01"], |e| matches!(e, Error::Io { .. })),
        (&["42P01", "25P02", "XX000", "0A000", "22003", ""], |e| {
            matches!(e, Error::Statement { .. })
        }),
    ];
    for (states, is) in is {
        for state in states {
            let error = said(state);
            assert!(is(&error), "{state}: {error:?}");
        }
    }
    assert!(matches!(said("22021"), Error::Invalid { .. }));
}

#[test]
fn only_what_passes_by_itself_is_worth_trying_again() {
    for state in ["57P01", "08006", "53300", "40001", "55P03"] {
        assert!(said(state).is_passing(), "{state}");
    }
    for state in [
        "28P01", "3D000", "53100", "25006", "23505", "XX001", "42601",
    ] {
        assert!(!said(state).is_passing(), "{state}");
    }
}

#[test]
fn whatever_ends_the_talk_with_a_server_is_unreachable_and_no_mistake_of_ours_is() {
    let refused = || std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
    let passing = [
        sqlx::Error::Io(refused()),
        sqlx::Error::Tls("bad".into()),
        sqlx::Error::Protocol("bad".into()),
        sqlx::Error::PoolTimedOut,
        sqlx::Error::PoolClosed,
    ];
    for error in passing {
        let error = Error::postgres("the place", error);
        assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
        assert!(error.to_string().starts_with("the place cannot be reached"));
    }
    let ours = Error::postgres("p", sqlx::Error::ColumnNotFound("x".into()));
    assert!(matches!(ours, Error::Statement { .. }));
    // The same without a server: no network, no second try.
    assert!(matches!(
        Error::sqlite("p", sqlx::Error::Io(refused())),
        Error::Io { .. }
    ));
}
