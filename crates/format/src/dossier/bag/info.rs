//! `bagit.txt` and `bag-info.txt`.

use super::path::Rules;
use crate::dossier::fault::{Code, Fault};

/// The whole of `bagit.txt` in a dossier.
pub const BAGIT_TXT: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

/// Number of bytes and of files in `data/`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Oxum {
    /// Bytes in all.
    pub bytes: u64,
    /// Files in all.
    pub files: u64,
}

/// The lines of `bag-info.txt` in a dossier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BagInfo {
    /// Id of the dossier.
    pub dossier: String,
    /// Log index of its `dossier_sealed` entry.
    pub sealed: u64,
    /// Origin of the log.
    pub origin: String,
    /// Size of the payload.
    pub oxum: Oxum,
    /// Day of sealing, `2026-03-04`.
    pub date: String,
    /// Program that wrote the bag.
    pub agent: String,
}

const LABELS: [&str; 6] = [
    "Bag-Software-Agent",
    "Bagging-Date",
    "Holdfast-Dossier",
    "Holdfast-Origin",
    "Holdfast-Sealed",
    "Payload-Oxum",
];

impl BagInfo {
    /// Writes the file; refuses a value that would not read back as itself.
    pub fn write(&self) -> Result<String, Fault> {
        let oxum = format!("{}.{}", self.oxum.bytes, self.oxum.files);
        let sealed = self.sealed.to_string();
        let values = [
            self.agent.as_str(),
            &self.date,
            &self.dossier,
            &self.origin,
            &sealed,
            &oxum,
        ];
        let mut out = String::new();
        for (label, value) in LABELS.into_iter().zip(values) {
            if value.is_empty() || value.trim() != value || value.contains(char::is_control) {
                let why = format!("{label} is empty, has outer spaces or a control character");
                return Err(Fault::new(Code::BadBagInfo, why).at("bag-info.txt"));
            }
            out.push_str(label);
            out.push_str(": ");
            out.push_str(value);
            out.push('\n');
        }
        Ok(out)
    }

    /// Reads the file as [`BagInfo::write`] writes it, and nothing else.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let bad = |why: String| Fault::new(Code::BadBagInfo, why).at("bag-info.txt");
        let body = text
            .strip_suffix('\n')
            .ok_or_else(|| bad("The last line does not end".to_owned()))?;
        let lines: Vec<&str> = body.split('\n').collect();
        if lines.len() != LABELS.len() {
            return Err(bad(format!(
                "There are {} lines instead of six",
                lines.len()
            )));
        }
        let mut values = Vec::new();
        for (label, line) in LABELS.into_iter().zip(&lines) {
            let value = line
                .strip_prefix(label)
                .and_then(|rest| rest.strip_prefix(": "))
                .ok_or_else(|| bad(format!("{label} is not where it should be")))?;
            values.push(value);
        }
        let number = |label: &str, text: &str| {
            canonical(text).ok_or_else(|| bad(format!("{label} is not a number")))
        };
        let (bytes, files) = values[5]
            .split_once('.')
            .ok_or_else(|| bad("Payload-Oxum is not two numbers".to_owned()))?;
        let info = Self {
            agent: values[0].to_owned(),
            date: values[1].to_owned(),
            dossier: values[2].to_owned(),
            origin: values[3].to_owned(),
            sealed: number("Holdfast-Sealed", values[4])?,
            oxum: Oxum {
                bytes: number("Payload-Oxum", bytes)?,
                files: number("Payload-Oxum", files)?,
            },
        };
        // One reader, one writer: whatever would not be written again is refused.
        info.write()?;
        Ok(info)
    }
}

/// Reads a number as this crate writes it: no sign, no leading zero.
pub(crate) fn canonical(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

/// Reads the labels of a `bag-info.txt` that others wrote; folded lines are joined.
pub fn parse_bag_info(text: &str) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    for line in text.split(['\r', '\n']).filter(|line| !line.is_empty()) {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = out.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((label, value)) = line.split_once(':') {
            out.push((label.trim().to_owned(), value.trim().to_owned()));
        }
    }
    out
}

/// Which version and character encoding a foreign `bagit.txt` states.
pub(super) fn parse_bagit_txt(bytes: &[u8]) -> Result<(Rules, String), String> {
    if bytes.starts_with(&[0xef, 0xbb, 0xbf]) {
        return Err("It starts with a byte order mark".to_owned());
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err("It is not UTF-8".to_owned());
    };
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    let [version, encoding] = lines.as_slice() else {
        return Err(format!("It has {} lines instead of two", lines.len()));
    };
    let version = version
        .strip_prefix("BagIt-Version: ")
        .ok_or("The first line is not “BagIt-Version: ” and a version")?;
    let encoding = encoding
        .strip_prefix("Tag-File-Character-Encoding: ")
        .ok_or("The second line is not “Tag-File-Character-Encoding: ” and a name")?;
    let rules = match version {
        "0.93" | "0.94" | "0.95" | "0.96" | "0.97" => Rules::Bag097,
        "1.0" => Rules::Bag10,
        other => return Err(format!("The version “{other}” is not known")),
    };
    Ok((rules, encoding.to_owned()))
}

/// Decodes a tag file in the encoding that `bagit.txt` names.
pub(super) fn decode(bytes: &[u8], encoding: &str) -> Result<String, String> {
    match encoding.to_ascii_uppercase().as_str() {
        "UTF-8" => String::from_utf8(bytes.to_vec()).map_err(|_err| "It is not UTF-8".to_owned()),
        "ISO-8859-1" => Ok(bytes.iter().copied().map(char::from).collect()),
        "UTF-16" => utf16(bytes),
        other => Err(format!(
            "Its encoding “{other}” is not one of UTF-8, UTF-16, ISO-8859-1"
        )),
    }
}

fn utf16(bytes: &[u8]) -> Result<String, String> {
    let (body, little) = match bytes {
        [0xff, 0xfe, body @ ..] => (body, true),
        [0xfe, 0xff, body @ ..] => (body, false),
        body => (body, false),
    };
    if !body.len().is_multiple_of(2) {
        return Err("It is cut in the middle of a character".to_owned());
    }
    let units = body.chunks_exact(2).map(|two| {
        let two = [two[0], two[1]];
        if little {
            u16::from_le_bytes(two)
        } else {
            u16::from_be_bytes(two)
        }
    });
    char::decode_utf16(units)
        .collect::<Result<_, _>>()
        .map_err(|_err| "It is not UTF-16".to_owned())
}
