//! The builder of the URL map: a route cannot be added without saying who may.

use std::convert::Infallible;

use archive::Act;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::handler::Handler;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, get, post};
use tower_http::limit::RequestBodyLimitLayer;

use crate::app::App;
use crate::guard::gate::{Gate, pass};
use crate::guard::sessions::Who;
use crate::guard::upload::Upload;
use crate::guard::visit::Visit;
use crate::problem::Problem;

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody who can reach the server.
    Public,
    /// Anybody signed in, whatever the account may do.
    SignedIn,
    /// Somebody signed in whom the archive's access table allows this act.
    May(Act),
}

/// What a route takes in its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Nothing: it shows something.
    Nothing,
    /// A form.
    Form,
    /// A form with files.
    Files,
}

/// One line of the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// The pattern of its address.
    pub path: &'static str,
    /// Who may.
    pub access: Access,
    /// What it takes.
    pub takes: Takes,
}

/// The URL map, growing.
pub struct Routes {
    app: App,
    router: Router<App>,
    lines: Vec<Line>,
}

impl Routes {
    /// Starts an empty map.
    pub fn new(app: &App) -> Self {
        Self {
            app: app.clone(),
            router: Router::new(),
            lines: Vec::new(),
        }
    }

    /// Adds a page.
    #[must_use]
    pub fn get<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add(
            Line {
                path,
                access,
                takes: Takes::Nothing,
            },
            get(handler),
        )
    }

    /// Adds the receiver of a form; the three locks are checked before the handler runs.
    #[must_use]
    pub fn post<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add(
            Line {
                path,
                access,
                takes: Takes::Form,
            },
            post(handler),
        )
    }

    /// Adds the receiver of a form with files; the handler's shape is fixed, so that it cannot run
    /// before the three locks were checked.
    #[must_use]
    pub fn upload<H, F>(self, path: &'static str, act: Act, handler: H) -> Self
    where
        H: Fn(App, Visit, Who, Upload) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Response, Problem>> + Send,
    {
        let app = self.app.clone();
        let limit = app.upload_limit;
        let receive = move |visit: Visit, who: Who, request: Request| {
            let (app, handler) = (app.clone(), handler.clone());
            async move {
                match Upload::open(&visit, request, limit).await {
                    Ok(upload) => handler(app, visit, who, upload).await.into_response(),
                    Err(problem) => problem.into_response(),
                }
            }
        };
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let receiver = post(receive)
            .layer::<_, Infallible>(DefaultBodyLimit::disable())
            .layer::<_, Infallible>(RequestBodyLimitLayer::new(most));
        self.add(
            Line {
                path,
                access: Access::May(act),
                takes: Takes::Files,
            },
            receiver,
        )
    }

    fn add(mut self, line: Line, receiver: MethodRouter<App>) -> Self {
        let gate = Gate {
            app: self.app.clone(),
            access: line.access,
            takes: line.takes,
        };
        self.router = self.router.route(
            line.path,
            receiver.route_layer(from_fn_with_state(gate, pass)),
        );
        self.lines.push(line);
        self
    }

    /// Every line of the map.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Closes the map and puts the guard around it; this is what a server serves.
    pub fn into_router(self) -> Router {
        let routes = self.router.with_state(self.app.clone());
        crate::guard::around(routes, &self.app)
    }
}
