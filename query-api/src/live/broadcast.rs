//! One execution for all who asked the same: its answer is rendered once and handed to every socket.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use async_graphql::parser::types::{DocumentOperations, OperationType};
use async_graphql::{ObjectType, Request, Response, Schema, SubscriptionType, Variables};
use domain::access::Principal;
use futures::StreamExt;
use futures::stream::BoxStream;
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

use crate::graphql::finished;

/// Executions that run just now, by who asks and what. Cheap to clone.
#[derive(Clone)]
pub struct Broadcast(Arc<Inner>);

struct Inner {
    execute: Box<dyn Fn(Request) -> BoxStream<'static, Response> + Send + Sync>,
    running: Mutex<HashMap<Asked, Weak<Execution>>>,
}

/// Who asks matters: the answer is authorised for them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Asked {
    principal: String,
    query: String,
    variables: String,
    operation: Option<String>,
}

/// What a client asks for.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Operation {
    pub query: String,
    #[serde(default)]
    pub operation_name: Option<String>,
    #[serde(default)]
    pub variables: Option<serde_json::Value>,
}

/// The newest state of an execution.
#[derive(Debug, Clone)]
pub enum Frame {
    /// Nothing yet.
    Waiting,
    /// A response, as JSON.
    Next(Arc<str>),
    /// It could not begin: a list of errors, as JSON. The last frame.
    Failed(Arc<str>),
    /// The last frame.
    Ended,
}

#[derive(Debug)]
pub struct Execution {
    frames: watch::Receiver<Frame>,
    _task: AbortOnDropHandle<()>,
}

impl Execution {
    pub fn frames(&self) -> watch::Receiver<Frame> {
        self.frames.clone()
    }

    fn is_over(&self) -> bool {
        matches!(*self.frames.borrow(), Frame::Failed(_) | Frame::Ended) || self.frames.has_changed().is_err()
    }
}

impl Broadcast {
    pub fn new<Q, M, S>(schema: Schema<Q, M, S>) -> Self
    where
        Q: ObjectType + 'static,
        M: ObjectType + 'static,
        S: SubscriptionType + 'static,
    {
        let execute = Box::new(move |request: Request| schema.execute_stream(request).boxed());
        Self(Arc::new(Inner { execute, running: Mutex::default() }))
    }

    /// The execution of this question, begun if nobody has it running. `Err` is told to the client: only
    /// subscriptions are served here, so that nothing is changed without the checks of a request.
    pub fn join(&self, principal: &Principal, operation: Operation) -> Result<Arc<Execution>, &'static str> {
        let variables = operation.variables.unwrap_or_default();
        let asked = Asked {
            principal: format!("{principal:?}"),
            query: operation.query,
            variables: variables.to_string(),
            operation: operation.operation_name,
        };
        let mut running = self.0.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(execution) = running.get(&asked).and_then(Weak::upgrade).filter(|running| !running.is_over()) {
            return Ok(execution);
        }
        if !is_subscription(&asked) {
            return Err("Only subscriptions are served here; send queries and mutations to POST /graphql.");
        }
        let execution = Arc::new(self.begin(principal, &asked, variables));
        running.retain(|_, execution| execution.strong_count() > 0);
        running.insert(asked, Arc::downgrade(&execution));
        Ok(execution)
    }

    fn begin(&self, principal: &Principal, asked: &Asked, variables: serde_json::Value) -> Execution {
        let mut request = Request::new(&asked.query).variables(Variables::from_json(variables)).data(principal.clone());
        if let Some(name) = &asked.operation {
            request = request.operation_name(name);
        }
        let (sender, frames) = watch::channel(Frame::Waiting);
        let task = tokio::spawn(run((self.0.execute)(request), sender));
        Execution { frames, _task: AbortOnDropHandle::new(task) }
    }
}

async fn run(mut responses: BoxStream<'static, Response>, latest: watch::Sender<Frame>) {
    while let Some(response) = responses.next().await {
        let response = finished(response);
        if !response.errors.is_empty() && response.data == async_graphql::Value::Null {
            let errors = serde_json::to_string(&response.errors).unwrap_or_else(|_| "[]".to_owned());
            latest.send_replace(Frame::Failed(errors.into()));
            return;
        }
        match serde_json::to_string(&response) {
            Ok(json) => latest.send_replace(Frame::Next(json.into())),
            Err(error) => {
                tracing::error!(%error, "a response cannot be written");
                break;
            }
        };
    }
    latest.send_replace(Frame::Ended);
}

/// Also true where it does not parse or is ambiguous: execution then says what is wrong.
fn is_subscription(asked: &Asked) -> bool {
    let Ok(document) = async_graphql::parser::parse_query(&asked.query) else { return true };
    let subscribes = |ty: OperationType| ty == OperationType::Subscription;
    match (&document.operations, &asked.operation) {
        (DocumentOperations::Single(operation), _) => subscribes(operation.node.ty),
        (DocumentOperations::Multiple(operations), Some(name)) => {
            operations.get(name.as_str()).is_none_or(|operation| subscribes(operation.node.ty))
        }
        (DocumentOperations::Multiple(operations), None) => {
            operations.values().all(|operation| subscribes(operation.node.ty))
        }
    }
}
