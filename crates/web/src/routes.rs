//! The whole URL map on one screen, each line with who may.

mod table;

pub use table::{Access, Line, Routes, Takes};

use archive::Act;

use Access::{May, Public, SignedIn};

use crate::app::App;
use crate::pages::{
    dossier, health, inbox, item, jobs, log, look, probe, search, share, sign_in, stylesheet,
};
use crate::paths;
use crate::problem::see_other;

/// Every page and every form.
#[rustfmt::skip] // one line per route, read as a table
pub fn map(app: &App) -> Routes {
    Routes::new(app)
        .get(paths::STYLE, Public, stylesheet::get)
        .post(paths::LOOK, Public, look::post)
        .get(paths::SIGN_IN, Public, sign_in::get)
        .post(paths::SIGN_IN, Public, sign_in::post)
        .post(paths::SIGN_OUT, SignedIn, sign_in::post_out)
        .get(paths::HOME, SignedIn, || async { see_other(paths::INBOX) })
        .get(paths::INBOX, May(Act::ReadItems), inbox::get)
        .upload(paths::INBOX_FILES, Act::Collect, inbox::post_files)
        .get(paths::ITEM, May(Act::ReadItems), item::get)
        .post(paths::ITEM_ORIGINAL, May(Act::Export), item::post_original)
        .post(paths::ITEM_CHECK, May(Act::Check), item::post_check)
        .post(paths::ITEM_DOSSIER, May(Act::FillDossier), item::post_dossier)
        .get(paths::SEARCH, May(Act::Search), search::get)
        .post(paths::SEARCH, May(Act::Search), search::post)
        .get(paths::SHARE, May(Act::ReadDossiers), share::get)
        .post(paths::SHARE, May(Act::OpenDossier), share::post)
        .get(paths::DOSSIER, May(Act::ReadDossiers), dossier::get)
        .post(paths::DOSSIER_ITEMS, May(Act::FillDossier), dossier::post_items)
        .post(paths::DOSSIER_SEAL, May(Act::SealDossier), dossier::post_seal)
        .get(paths::LOG, May(Act::ReadLog), log::get)
        .get(paths::LOG_CHECKPOINT, May(Act::ReadLog), log::get_checkpoint)
        .post(paths::LOG_VERIFY, May(Act::Check), log::post_verify)
        .get(paths::JOBS, May(Act::ReadJobs), jobs::get)
        .post(paths::JOBS, May(Act::AskJobs), jobs::post)
        .post(paths::JOB_AGAIN, May(Act::TendJobs), jobs::post_again)
        .post(paths::JOB_CANCEL, May(Act::TendJobs), jobs::post_cancel)
        .get(paths::HEALTH, May(Act::ReadHealth), health::get)
        .post(paths::HEALTH_CHECK, May(Act::Check), health::post_check)
        .get(paths::HEALTH_LIVE, Public, probe::get_live)
        .get(paths::HEALTH_READY, Public, probe::get_ready)
}
