//! `ro-crate-metadata.json`: RO-Crate 1.2, for people and programs that sort material, not for proof.
//!
//! It is the only file of a dossier in which users' file names stand (format.md §7.1).

#[cfg(test)]
pub(super) mod tests;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::visible;

/// Somebody who collected or sealed; a pseudonym will do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// Person id.
    pub id: String,
    /// Handle or role, if it may be shown.
    pub name: Option<String>,
}

/// How one item came in, as far as it may be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Collection {
    /// Who collected.
    pub by: Option<Agent>,
    /// When it was recorded, an instant.
    pub at: Option<String>,
    /// When it was collected, in the collector's words.
    pub stated_time: Option<String>,
    /// Where it came from, in the collector's words.
    pub source: Option<String>,
    /// The path inside the folder that was named.
    pub path: Option<String>,
}

/// One evidence file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescribedItem {
    /// Item id.
    pub item: String,
    /// Its folder under `evidence/`.
    pub folder: String,
    /// The user's file name, if it may be shown.
    pub name: Option<String>,
    /// SHA-256 in hex.
    pub sha256: String,
    /// Length in bytes.
    pub bytes: u64,
    /// Media type, if recognised.
    pub media_type: Option<String>,
    /// How it came in.
    pub collection: Collection,
}

/// What a dossier says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// Dossier id.
    pub dossier: String,
    /// Name of the archive that seals it.
    pub archive: String,
    /// Origin of its log.
    pub origin: String,
    /// For whom.
    pub recipient: String,
    /// Why.
    pub purpose: String,
    /// Who seals.
    pub sealed_by: Agent,
    /// When, an instant.
    pub sealed_at: String,
    /// Program and version.
    pub tool: String,
    /// Where the program is published; RO-Crate lists software only with such an address.
    pub tool_url: Option<String>,
    /// On what terms the recipient may use it.
    pub terms: String,
    /// The items.
    pub items: Vec<DescribedItem>,
}

/// Writes the metadata; the same description gives the same bytes.
pub fn write(about: &Description) -> String {
    let mut writing = Writing {
        named: BTreeMap::new(),
        files: Vec::new(),
        actions: Vec::new(),
    };
    for item in &about.items {
        writing.item(item);
    }
    writing.seal(about);
    let mut graph = vec![descriptor(), root(about, &writing)];
    graph.push(json!({
        "@id": "#archive", "@type": "Organization",
        "name": visible(&about.archive), "identifier": about.origin,
    }));
    graph.push(json!({
        "@id": "#terms", "@type": "CreativeWork",
        "name": "Terms of use", "description": visible(&about.terms),
    }));
    graph.push(tool(about));
    graph.extend(writing.named.into_values());
    graph.extend(writing.files);
    graph.extend(writing.actions);
    let whole = json!({ "@context": "https://w3id.org/ro/crate/1.2/context", "@graph": graph });
    format!("{whole:#}\n")
}

fn tool(about: &Description) -> Value {
    let mut tool = json!({
        "@id": "#tool", "@type": "CreativeWork",
        "name": visible(&about.tool), "version": visible(&about.tool),
    });
    if let Some(url) = &about.tool_url {
        tool["@type"] = json!("SoftwareApplication");
        tool["url"] = json!(url);
    }
    tool
}

fn descriptor() -> Value {
    json!({
        "@id": "ro-crate-metadata.json", "@type": "CreativeWork",
        "about": { "@id": "./" },
        "conformsTo": { "@id": "https://w3id.org/ro/crate/1.2" },
    })
}

fn root(about: &Description, writing: &Writing) -> Value {
    let parts: Vec<Value> = writing
        .files
        .iter()
        .map(|file| json!({ "@id": file["@id"] }))
        .collect();
    let mentions: Vec<Value> = writing
        .actions
        .iter()
        .map(|action| json!({ "@id": action["@id"] }))
        .collect();
    json!({
        "@id": "./", "@type": "Dataset",
        "name": format!("Dossier {} for {}", about.dossier, visible(&about.recipient)),
        "description": format!("Sealed by {} for this purpose: {}", visible(&about.archive), visible(&about.purpose)),
        "identifier": about.dossier,
        "datePublished": about.sealed_at,
        "license": { "@id": "#terms" },
        "creator": { "@id": "#archive" },
        "publisher": { "@id": "#archive" },
        "hasPart": parts,
        "mentions": mentions,
    })
}

struct Writing {
    /// People and sources by their id.
    named: BTreeMap<String, Value>,
    files: Vec<Value>,
    actions: Vec<Value>,
}

impl Writing {
    fn person(&mut self, agent: &Agent) -> Value {
        let id = format!("#{}", agent.id);
        let name = agent.name.as_deref().unwrap_or(&agent.id);
        self.named.entry(id.clone()).or_insert_with(|| {
            json!({ "@id": id, "@type": "Person", "name": visible(name), "identifier": agent.id })
        });
        json!({ "@id": id })
    }

    fn item(&mut self, item: &DescribedItem) {
        let id = format!("evidence/{}/content", item.folder);
        let name = item
            .name
            .as_deref()
            .map_or_else(|| format!("Item {}", item.item), visible);
        let mut file = json!({
            "@id": id, "@type": "File",
            "name": name,
            "identifier": item.item,
            "sha256": item.sha256,
            "contentSize": item.bytes.to_string(),
            "encodingFormat": item.media_type.as_deref().unwrap_or("application/octet-stream"),
        });
        // The name exactly as it was, where showing it made a difference.
        if let Some(exact) = item.name.as_deref().filter(|exact| *exact != name) {
            file["alternateName"] = json!(exact);
        }
        self.files.push(file);
        self.collected(item, &id);
    }

    fn collected(&mut self, item: &DescribedItem, file: &str) {
        let how = &item.collection;
        let mut action = json!({
            "@id": format!("#collected-{}", item.item), "@type": "CreateAction",
            "name": format!("Item {} was collected", item.item),
            "instrument": { "@id": "#tool" },
            "result": { "@id": file },
        });
        if let Some(agent) = &how.by {
            action["agent"] = self.person(agent);
        }
        if let Some(at) = &how.at {
            action["startTime"] = json!(at);
        }
        if let Some(time) = &how.stated_time {
            action["description"] = json!(format!(
                "Time as stated by the collector: {}",
                visible(time)
            ));
        }
        if how.source.is_some() || how.path.is_some() {
            let source = format!("#source-{}", item.item);
            let name = how.source.as_deref().unwrap_or("Source not shown");
            let mut thing =
                json!({ "@id": source, "@type": "CreativeWork", "name": visible(name) });
            if let Some(path) = &how.path {
                thing["identifier"] = json!(visible(path));
            }
            action["object"] = json!({ "@id": source });
            self.actions.push(action);
            self.named.insert(source, thing);
        } else {
            self.actions.push(action);
        }
    }

    fn seal(&mut self, about: &Description) {
        let agent = self.person(&about.sealed_by);
        let objects: Vec<Value> = self
            .files
            .iter()
            .map(|file| json!({ "@id": file["@id"] }))
            .collect();
        self.files.push(json!({
            "@id": "index.html", "@type": "File",
            "name": "What is proven, asserted and missing", "encodingFormat": "text/html",
        }));
        self.actions.push(json!({
            "@id": "#sealed", "@type": "CreateAction",
            "name": format!("Dossier {} was sealed", about.dossier),
            "agent": agent,
            "instrument": { "@id": "#tool" },
            "startTime": about.sealed_at,
            "endTime": about.sealed_at,
            "object": objects,
            "result": { "@id": "./" },
        }));
    }
}
