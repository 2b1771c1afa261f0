//! One sample of every kind with every field, behind the golden files: never changed, only added to.

use format::kind::{
    Checked, Collected, Content, Damage, DossierItemAdded, DossierOpened, DossierSealed, Exported,
    FileFacts, Founded, Head, Keys, Kind, Media, NotCollected, PersonAdded, Reason, Recognised,
    SessionEnded, SessionNoted, SessionStarted, Withheld,
};
use format::{
    Blake3, BytesName, Chain, Common, Digests, DossierId, Instant, ItemId, Level, PersonId,
    SessionId, Sha256, Subject,
};

use crate::record_support::key;

fn item() -> ItemId {
    ItemId::from_random([1; 8])
}

fn session() -> SessionId {
    SessionId::from_random([2; 8])
}

fn at() -> Instant {
    "2026-03-04T18:22:07.000001Z"
        .parse()
        .expect("the instant is sound")
}

pub(crate) fn common(kind: &str, subject: Subject) -> Common {
    let first = matches!(
        kind,
        "founded" | "person_added" | "session_started" | "collected" | "dossier_opened"
    );
    let chain = match first {
        true => Chain { n: 0, prev: None },
        false => Chain {
            n: 3,
            prev: Some((1_234, [0xAB; 32])),
        },
    };
    Common {
        kind: Some(kind.to_owned()),
        at: Some(at()),
        by: Some(PersonId::from_random([4; 8])),
        subject: Some(subject),
        chain: Some(chain),
        ..Common::default()
    }
}

pub(crate) fn damage(text: &str, number: u64) -> Damage {
    Damage {
        what: text.to_owned(),
        name: text.to_owned(),
        item: Some(item()),
        chunk: Some(number),
        detail: text.to_owned(),
    }
}

pub(crate) fn all() -> Vec<(Kind, Subject)> {
    let (session, dossier) = (
        Subject::Session(session()),
        Subject::Dossier(DossierId::from_random([3; 8])),
    );
    let started = SessionStarted {
        authority: Some("Letter of the Oakford council, 2 March 2026".into()),
        ..SessionStarted::new("Damage to the Oakford mill".into())
    };
    let keys = Keys {
        log: "archive.example/holdfast/0123abcd+00000000+AAAA".into(),
        entry: key().verifier().clone(),
    };
    let exported = Exported {
        purpose: Some("Request 17".into()),
        ..Exported::new("get".into())
    };
    let ended = SessionEnded {
        note: Some("Battery empty".into()),
    };
    let sealed = DossierSealed::new(
        "Court of Westmark".into(),
        "Request 17".into(),
        vec![content()],
        "Holdfast 1".into(),
    );
    vec![
        (
            Founded::new("Oakford archive".into(), keys, "Holdfast 1".into()).into(),
            Subject::Archive,
        ),
        (
            PersonAdded::new("heron".into(), vec!["collector".into(), "reviewer".into()]).into(),
            Subject::Person(PersonId::from_random([4; 8])),
        ),
        (started.into(), session),
        (
            SessionNoted::new("Wind from the north; ليل".into()).into(),
            session,
        ),
        (ended.into(), session),
        (collected().into(), Subject::Item(item())),
        (
            NotCollected::new(BytesName(b"caf\xE9/link".to_vec()), "is a link".into()).into(),
            session,
        ),
        (exported.into(), Subject::Item(item())),
        (
            Checked::new("all".into(), 2, 1_234_567, vec![damage("altered", 1)]).into(),
            Subject::Archive,
        ),
        (
            DossierOpened::new("Court of Westmark".into(), "Request 17".into()).into(),
            dossier,
        ),
        (
            DossierItemAdded::new(item(), vec!["source".into(), "path".into()]).into(),
            dossier,
        ),
        (sealed.into(), dossier),
    ]
}

fn collected() -> Collected {
    let digests = Digests {
        sha256: Sha256([0x5A; 32]),
        blake3: Blake3([0xB3; 32]),
        bytes: (1 << 53) - 1,
    };
    let path = BytesName(b"phone/caf\xE9/IMG_0042.jpg".to_vec());
    Collected {
        session: Some(session()),
        collected_at: Some("in the evening of 4 March".into()),
        media: Some(Media {
            media_type: "image/jpeg".into(),
            by: Recognised::Signature,
        }),
        ..Collected::new(
            digests,
            "Mühle 😀.jpg".into(),
            path,
            "Phone of a resident of Oakford".into(),
            FileFacts {
                modified: Some(at()),
            },
            "north".into(),
            Level::Restricted,
        )
    }
}

fn content() -> Content {
    let reasons = [
        Reason::Internal,
        Reason::Protection,
        Reason::Consent,
        Reason::Other,
    ];
    let withheld = (7..)
        .zip(reasons)
        .map(|(index, reason)| Withheld { index, reason })
        .collect();
    let head = Head {
        n: 5,
        index: 12,
        leaf: Sha256([0xCD; 32]),
    };
    Content {
        item: item(),
        evidence: "0123456789ab".into(),
        head,
        withheld,
    }
}
