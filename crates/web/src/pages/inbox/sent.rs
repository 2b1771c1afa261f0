//! Files on their way in: from the form into a private folder, and from there the one way into the archive.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use archive::views::ItemRow;
use archive::{Error, Why};
use axum::body::Bytes;
use collect::{Event, Line, Request};
use format::id::SessionId;
use tempfile::TempDir;
use tokio::sync::mpsc::channel;

use super::{Added, Outcome};
use crate::app::App;
use crate::guard::sessions::Who;
use crate::guard::upload::{FilePart, Part, Upload};
use crate::pages::{file, words};
use crate::paths;
use crate::problem::Problem;
use crate::text::Evidence;

/// Files that came with one form, and what was said about them.
pub(super) struct Sent {
    /// Outside the archive, whose every file must be named by an entry or belong to the store; only this account
    /// of the machine can open it, and it goes away with whatever is in it, also when the sending breaks off.
    /// `TMPDIR` chooses the disk: it must be as encrypted as the archive's own.
    folder: TempDir,
    files: Vec<Received>,
    source: String,
    session: String,
}

struct Received {
    name: String,
    place: Result<PathBuf, String>,
}

impl Sent {
    /// Reads the whole form; the files are on the disk, nothing is in the archive yet.
    pub(super) async fn receive(mut upload: Upload) -> Result<Self, Problem> {
        let mut sent = Self {
            folder: file::private_folder("holdfast-in-").map_err(no_room)?,
            files: Vec::new(),
            source: String::new(),
            session: String::new(),
        };
        while let Some(part) = upload.next(&["source", "session"], "files").await? {
            match part {
                Part::Text { name, value } if name == "source" => sent.source = value,
                Part::Text { value, .. } => sent.session = value,
                Part::File(part) => sent.receive_file(*part).await?,
            }
        }
        if sent.files.is_empty() {
            return Err(Problem::bad(
                "No file was chosen",
                "Choose one or more files and send the form again",
            ));
        }
        if sent.source.trim().is_empty() {
            return Err(Problem::bad(
                "The field “source” is empty; nothing was added",
                "Go back, say where the files come from, and send them again",
            ));
        }
        Ok(sent)
    }

    async fn receive_file(&mut self, mut file: FilePart<'_>) -> Result<(), Problem> {
        let name = file.name().to_owned();
        if let Some(why) = unfit(&name) {
            while file.chunk().await?.is_some() {}
            self.files.push(Received {
                name,
                place: Err(why.to_owned()),
            });
            return Ok(());
        }
        // a folder each, because two files of one form may have the same name
        let folder = self.folder.path().join(self.files.len().to_string());
        std::fs::create_dir(&folder).map_err(no_room)?;
        let place = folder.join(&name);
        let (give, mut taken) = channel::<Bytes>(8);
        let out = place.clone();
        let writer = tokio::task::spawn_blocking(move || -> std::io::Result<()> {
            let mut out: File = OpenOptions::new().write(true).create_new(true).open(out)?;
            while let Some(bytes) = taken.blocking_recv() {
                out.write_all(&bytes)?;
            }
            Ok(())
        });
        while let Some(bytes) = file.chunk().await? {
            if give.send(bytes).await.is_err() {
                break; // the writer stopped; it says why below
            }
        }
        drop(give);
        let written = writer
            .await
            .map_err(|e| Error::bug("Receiving a file stopped").because(e))?;
        written.map_err(no_room)?;
        self.files.push(Received {
            name,
            place: Ok(place),
        });
        Ok(())
    }

    /// Adds the files the one way in, and says of each what became of it, in the order sent.
    pub(super) async fn add(
        self,
        app: &App,
        who: &Who,
    ) -> Result<(Vec<Added>, Vec<ItemRow>), Problem> {
        let seen = app.archive.seen_by(who.access());
        let session: Option<SessionId> = match self.session.as_str() {
            "" => None,
            text => seen.session_named(text).await?.id.parse().ok(),
        };
        let paths = self.files.iter().filter_map(|file| file.place.clone().ok());
        let request = Request {
            paths: paths.collect(),
            source: self.source.clone(),
            session,
            collected_at: None,
            // one after another, so that the results come in the order of the files
            workers: 1,
            dry_run: false,
            fresh_copies: true,
        };
        let mut lines = Vec::new();
        let mut tell = |event: Event<'_>| {
            if let Event::Line(line) = event {
                lines.push(line.clone());
            }
        };
        let stop = Arc::new(AtomicBool::new(false));
        collect::add(&app.archive, who.access(), &request, &stop, &mut tell).await?;
        let mut lines = lines.into_iter();
        let (mut rows, mut items) = (Vec::new(), Vec::new());
        for file in &self.files {
            let (outcome, item) = match &file.place {
                Err(why) => (refused(why), None),
                Ok(_) => outcome(app, who, lines.next()).await?,
            };
            items.extend(item);
            rows.push(Added {
                name: Evidence::new(&file.name),
                outcome,
            });
        }
        Ok((rows, items))
    }
}

fn refused(why: &str) -> Outcome {
    Outcome::Refused {
        why: Evidence::new(why),
    }
}

async fn outcome(
    app: &App,
    who: &Who,
    line: Option<Line>,
) -> Result<(Outcome, Option<ItemRow>), Problem> {
    let digest = |line: &Line| words::digest(line.sha256.as_ref().map(|sha| &sha.0[..]));
    let Some(line) = line else {
        return Err(Error::bug("A file that was sent has no outcome").into());
    };
    let (Some(id), Some(digest)) = (line.id, digest(&line)) else {
        return Ok((
            refused(line.reason.as_deref().unwrap_or("no reason given")),
            None,
        ));
    };
    let item = app.archive.seen_by(who.access()).item(&id).await?;
    let (url, number) = (paths::item(&item.id), item.number.to_string());
    let outcome = match line.outcome {
        collect::Outcome::Preserved => Outcome::Preserved {
            url,
            number,
            digest,
        },
        _ => Outcome::Known {
            url,
            number,
            digest,
        },
    };
    Ok((outcome, Some(item)))
}

fn no_room(e: std::io::Error) -> Problem {
    let what = format!("The folder for files on their way in cannot be written: {e}");
    let next = "Free some space where TMPDIR points, or add the files on the machine itself with holdfast add";
    Error::new(Why::Disk, what).next(next).into()
}

/// Why a name cannot be that of a file here; the name is evidence, so it is never changed to fit.
fn unfit(name: &str) -> Option<&'static str> {
    match name {
        "." | ".." => Some("this name stands for a folder; give the file a name and send it again"),
        name if name.contains(['/', '\0']) => Some(
            "its name has a character that no file name can have; pack the file into an archive file and send that",
        ),
        name if name.len() > 255 => Some(
            "its name is longer than 255 bytes; pack the file into an archive file and send that",
        ),
        _ => None,
    }
}
