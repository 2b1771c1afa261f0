use super::*;

pub(crate) fn sample() -> Description {
    let agent = Agent {
        id: "p-0123456789ab".into(),
        name: Some("rev1".into()),
    };
    let item = |n: u8, name: Option<&str>| DescribedItem {
        item: format!("i-00000000000{n}"),
        folder: format!("00000000000{n}"),
        name: name.map(str::to_owned),
        sha256: "ab".repeat(32),
        bytes: 1234,
        media_type: (n == 1).then(|| "video/mp4".to_owned()),
        collection: Collection {
            by: (n == 1).then(|| agent.clone()),
            at: Some("2026-03-04T18:22:07.000000Z".into()),
            stated_time: None,
            source: (n == 1).then(|| "Card of camera 4".to_owned()),
            path: None,
        },
    };
    Description {
        dossier: "d-0123456789ab".into(),
        archive: "North archive".into(),
        origin: "north.example/holdfast/0123abcd".into(),
        recipient: "Prosecutor of Northland".into(),
        purpose: "Inquiry 7".into(),
        sealed_by: agent.clone(),
        sealed_at: "2026-03-05T08:00:00.000000Z".into(),
        tool: "Holdfast 0.0.0".into(),
        tool_url: None,
        terms: "For the named purpose only; not to be passed on".into(),
        items: vec![item(1, Some("clip \u{202e}4pm.<b>")), item(2, None)],
    }
}

fn by_id<'a>(crate_: &'a Value, id: &str) -> &'a Value {
    let graph = crate_["@graph"].as_array().unwrap();
    graph.iter().find(|entity| entity["@id"] == id).unwrap()
}

#[test]
fn every_entity_that_is_referred_to_is_there_once() {
    fn refer(value: &Value, out: &mut Vec<String>) {
        match value {
            Value::Object(map) if map.len() == 1 && map.contains_key("@id") => {
                out.push(map["@id"].as_str().unwrap().to_owned());
            }
            Value::Object(map) => map.values().for_each(|value| refer(value, out)),
            Value::Array(list) => list.iter().for_each(|value| refer(value, out)),
            _ => {}
        }
    }
    let whole: Value = serde_json::from_str(&write(&sample())).unwrap();
    let mut referred = Vec::new();
    refer(&whole["@graph"], &mut referred);
    for id in referred.iter().filter(|id| !id.starts_with("https://")) {
        let same = whole["@graph"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|e| e["@id"] == **id);
        assert_eq!(same.count(), 1, "{id}");
    }
}

#[test]
fn a_name_is_shown_safely_and_kept_exactly() {
    let whole: Value = serde_json::from_str(&write(&sample())).unwrap();
    let file = by_id(&whole, "evidence/000000000001/content");
    assert_eq!(file["name"], "clip ⟦RLO⟧4pm.<b>");
    assert_eq!(file["alternateName"], "clip \u{202e}4pm.<b>");
    assert_eq!(file["contentSize"], "1234");
    let nameless = by_id(&whole, "evidence/000000000002/content");
    assert_eq!(nameless["name"], "Item i-000000000002");
    assert!(
        by_id(&whole, "#collected-i-000000000002")
            .get("agent")
            .is_none()
    );
}
