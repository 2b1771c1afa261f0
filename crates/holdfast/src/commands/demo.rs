//! `holdfast demo`: the whole line once, on invented material, in a folder of its own.

mod places;

use super::{At, grouped, init, serve, verify};
use crate::cli;
use crate::demo::material;
use crate::exit::Exit;
use crate::out::{Out, safe};
use archive::{Archive, Error, Opening, Result, Who, Why};
use collect::Request;
use format::verify::{Report, Trust, Verdict};
use places::{Places, Steps, put, shown};
use preserve::Scope;
use share::Sealing;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

const RECIPIENT: &str = "Liaison office of the Court of Examples (invented)";
const PURPOSE: &str = "Demonstration: the events at Eastbridge, all of them invented";

pub(crate) async fn run(args: cli::Demo, out: &Arc<Out>) -> Result<Exit> {
    let places = Places::of(&args.dir)?;
    let mut steps = Steps { out, n: 0 };
    let (archive, who) = found(&places, &mut steps).await?;
    let files = make(&places, &mut steps)?;
    add(&archive, &who, &places, &files, &mut steps).await?;
    check(&archive, &who, &mut steps).await?;
    take_out(&archive, &who, &mut steps).await?;
    let dossier = seal(&archive, &who, &places, &mut steps).await?;
    let report = stranger(&places, &dossier, &mut steps).await?;
    if report.verdict != Verdict::Good {
        return Ok(Exit::Unproven);
    }
    let passphrase = std::fs::read_to_string(&places.sign_in).unwrap_or_default();
    drop(archive);
    steps.say(
        "The pages",
        &[
            format!(
                "Sign in as `owner` with the passphrase   {}",
                passphrase.trim()
            ),
            format!(
                "(kept in {} for this demo only; a real archive shows it once)",
                shown(&places.sign_in)
            ),
        ],
    );
    if args.no_serve {
        out.talk(&format!(
            "\nTo look at the pages: holdfast serve --archive {}",
            shown(&places.archive)
        ));
        return Ok(Exit::Done);
    }
    serve::run(
        cli::Serve {
            listen: args.listen,
            origin: Vec::new(),
        },
        &At {
            dir: places.archive,
            read_only: false,
        },
        out,
    )
    .await
}

async fn found(places: &Places, steps: &mut Steps<'_>) -> Result<(Archive, Who)> {
    let title = "An archive";
    let archive = if places.archive.join("HOLDFAST").exists() {
        let archive = Archive::open(&places.archive, Opening::default()).await?;
        steps.say(
            title,
            &["It is there from an earlier run and is used as it is.".into()],
        );
        archive
    } else {
        let args = cli::Init {
            dir: places.archive.clone(),
            name: "Eastbridge demo archive (invented)".into(),
            domain: "demo.invalid".into(),
            owner: "owner".into(),
            passphrase_fd: None,
            stores: cli::Stores::default(),
        };
        let made = init::make(&args, None).await?;
        put(&places.sign_in, &made.passphrase.unwrap_or_default())?;
        steps.say(
            title,
            &[
                format!(
                    "{} now holds an empty log, two signing keys and one account.",
                    shown(&places.archive)
                ),
                format!("Its log is called {}.", made.archive.home().origin),
            ],
        );
        made.archive
    };
    let who = archive.owner().await?;
    put(
        &places.policy,
        &format!("log {}\nquorum none\n", archive.home().log_key),
    )?;
    Ok((archive, who))
}

fn make(places: &Places, steps: &mut Steps<'_>) -> Result<Vec<(PathBuf, String)>> {
    let list = places.material.with_extension("list");
    if places.material.exists() {
        let text = std::fs::read_to_string(&list).unwrap_or_default();
        let known = text
            .lines()
            .filter_map(|l| l.split_once('\t'))
            .map(|(s, p)| (PathBuf::from(p), s.to_owned()))
            .collect();
        steps.say(
            "Material",
            &["The same invented files as in the earlier run.".into()],
        );
        return Ok(known);
    }
    let made = material::make(&places.material).map_err(|e| {
        Error::new(Why::Disk, format!("The material cannot be made: {e}"))
            .next("Free some space or name another folder")
    })?;
    let mut lines: Vec<String> = made
        .files
        .iter()
        .map(|f| {
            format!(
                "{:<52} {}",
                shown(f.path.strip_prefix(&places.material).unwrap_or(&f.path)),
                f.what
            )
        })
        .collect();
    lines.extend(made.notes.iter().cloned());
    lines.insert(0, "Invented, lawful, made by this program:".into());
    steps.say("Material", &lines);
    let files: Vec<(PathBuf, String)> = made
        .files
        .into_iter()
        .map(|f| (f.path, f.source.to_owned()))
        .collect();
    let text: String = files
        .iter()
        .map(|(p, s)| format!("{s}\t{}\n", p.display()))
        .collect();
    put(&list, &text)?;
    Ok(files)
}

async fn add(
    archive: &Archive,
    who: &Who,
    places: &Places,
    files: &[(PathBuf, String)],
    steps: &mut Steps<'_>,
) -> Result<()> {
    let open = archive
        .seen_by(who)
        .sessions()
        .await?
        .into_iter()
        .find(|s| s.ended_at.is_none());
    let session = match open {
        Some(s) => {
            let id = s.id.parse().ok();
            id.ok_or_else(|| Error::bug("A session id in the views is not one"))?
        }
        None => {
            collect::start_session(
                archive,
                who,
                "Demonstration of how material comes in",
                Some("None: everything is invented".into()),
            )
            .await?
        }
    };
    let (sums, receipts) = add_by_source(archive, who, files, session).await?;
    let collect::Summary {
        preserved,
        known,
        refused,
        ..
    } = sums;
    let mut lines = vec![format!(
        "{preserved} preserved, {known} known from an earlier run, {refused} refused, out of {}:",
        shown(&places.material)
    )];
    lines.extend(receipts);
    lines.push(
        "Each line is a receipt: bytes, entry and a signed checkpoint over it are on the disk."
            .into(),
    );
    steps.say("Adding it", &lines);
    Ok(())
}

/// Adds each source by itself, as a collector would.
async fn add_by_source(
    archive: &Archive,
    who: &Who,
    files: &[(PathBuf, String)],
    session: format::id::SessionId,
) -> Result<(collect::Summary, Vec<String>)> {
    let mut sources: Vec<&String> = files.iter().map(|(_, s)| s).collect();
    sources.sort();
    sources.dedup();
    let mut sums = collect::Summary::default();
    let mut receipts = Vec::new();
    for source in sources {
        let paths = files
            .iter()
            .filter(|(_, s)| s == source)
            .map(|(p, _)| p.clone())
            .collect();
        let request = Request {
            paths,
            source: source.clone(),
            session: Some(session),
            collected_at: None,
            workers: 0,
            dry_run: false,
            fresh_copies: false,
        };
        let stop = Arc::new(AtomicBool::new(false));
        let summary = collect::add(archive, who, &request, &stop, &mut |event| {
            if let collect::Event::Line(line) = event
                && let (Some(id), Some(sha)) = (line.id, line.sha256)
            {
                receipts.push(format!(
                    "{id}  {sha}  {}",
                    safe(&String::from_utf8_lossy(&line.path))
                ));
            }
        })
        .await?;
        sums.preserved += summary.preserved;
        sums.known += summary.known;
        sums.refused += summary.refused;
    }
    Ok((sums, receipts))
}

async fn check(archive: &Archive, who: &Who, steps: &mut Steps<'_>) -> Result<()> {
    let stop = Arc::new(AtomicBool::new(false));
    let report = preserve::check(archive, who, &Scope::Full, &stop, &mut |_| {}).await?;
    let found = if report.damage.is_empty() {
        "no damage".to_owned()
    } else {
        format!("{} pieces of damage", report.damage.len())
    };
    steps.say(
        "Checking it",
        &[format!(
            "{} entries and {} originals ({} B) looked at: {found}.",
            report.entries,
            report.originals,
            grouped(report.bytes)
        )],
    );
    if let Some(d) = report.damage.first() {
        return Err(Error::new(Why::Damaged, format!("{} {}", d.name, d.detail))
            .next("Delete the demo's folder and run it again"));
    }
    Ok(())
}

/// Opens one original, so that the log, and later the dossier, has an act inside the organisation to tell of.
async fn take_out(archive: &Archive, who: &Who, steps: &mut Steps<'_>) -> Result<()> {
    let row = archive.seen_by(who).item_named("1").await?;
    let item = row.item()?;
    if archive.seen_by(who).exports(&item).await?.is_empty() {
        let original = archive
            .seen_by(who)
            .original(&item, "get", Some("to look at it".into()))
            .await?;
        let bytes = tokio::task::spawn_blocking(move || original.read_verified(&mut |_| Ok(())))
            .await
            .map_err(|e| Error::bug("Reading an original stopped").because(e))??;
        steps.say("Looking at one", &[format!("Item 1 ({item}) was read, {} B, every byte checked on the way. That it was opened is in the log first.", grouped(bytes))]);
    } else {
        steps.say(
            "Looking at one",
            &[format!(
                "Item 1 ({item}) was opened in an earlier run; the log says so."
            )],
        );
    }
    Ok(())
}

async fn seal(
    archive: &Archive,
    who: &Who,
    places: &Places,
    steps: &mut Steps<'_>,
) -> Result<PathBuf> {
    if places.dossier.exists() {
        steps.say("A dossier", &["It is there from an earlier run.".into()]);
        return Ok(places.dossier.clone());
    }
    let id = share::open_dossier(archive, who, RECIPIENT, PURPOSE).await?;
    let mut items = Vec::new();
    let listing = archive::views::Listing {
        compartment: archive::MAIN.into(),
        before: i64::MAX,
        limit: 1_000,
    };
    for row in archive.seen_by(who).items(&listing).await? {
        items.push(row.item()?);
    }
    items.reverse();
    share::add_items(archive, who, &id, &items, &["session".into()], None).await?;
    let sealing = Sealing {
        tsa: None,
        tool: format!("holdfast {}", env!("CARGO_PKG_VERSION")),
        after: None,
    };
    let sealed = share::seal(
        archive,
        who,
        &id,
        &places.dossier,
        &sealing,
        Arc::new(|_| {}),
    )
    .await?;
    steps.say("A dossier", &[
        format!("For: {RECIPIENT}"),
        format!("{} items with their history; which session they came in with is withheld, and the opening of one, too.", sealed.items),
        format!("{}  {} B", shown(&places.dossier), grouped(sealed.bytes)),
        format!("SHA-256 {}", sealed.sha256),
    ]);
    Ok(places.dossier.clone())
}

async fn stranger(places: &Places, dossier: &Path, steps: &mut Steps<'_>) -> Result<Report> {
    let trust: Trust = verify::trust(Some(&places.policy), None)?;
    let out = Arc::new(Out::new(true));
    let report = verify::check(dossier.to_owned(), trust, &out).await?;
    let mut lines = vec![
        format!(
            "holdfast verify {} --policy {}",
            shown(dossier),
            shown(&places.policy)
        ),
        "needs no archive and no network. It says:".into(),
        String::new(),
    ];
    lines.extend(
        report
            .sentences()
            .iter()
            .flat_map(|s| s.split('\n').map(safe).collect::<Vec<_>>()),
    );
    steps.say("The stranger's check", &lines);
    Ok(report)
}
