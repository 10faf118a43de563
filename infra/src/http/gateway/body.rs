//! A body that neither grows without end nor stops in the middle for ever.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::header::CONTENT_LENGTH;
use axum::response::Response;
use domain::Code;
use http_body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep};

use crate::http::problem;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    Stalled,
    TooLarge,
}

/// What befell a body, told beside it: a handler sees a body that broke off, and no more.
#[derive(Debug, Clone, Default)]
pub struct Told(Arc<AtomicU8>);

impl Told {
    pub fn get(&self) -> Option<Fault> {
        match self.0.load(Ordering::Relaxed) {
            1 => Some(Fault::Stalled),
            2 => Some(Fault::TooLarge),
            _ => None,
        }
    }

    fn set(&self, fault: Fault) {
        self.0.store(if fault == Fault::Stalled { 1 } else { 2 }, Ordering::Relaxed);
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the body {0}")]
struct Broken(&'static str);

struct Guarded {
    inner: Body,
    left: u64,
    silent_for: Duration,
    silence: Pin<Box<Sleep>>,
    /// Somebody waits for the next bytes: only then does their absence count.
    waiting: bool,
    told: Told,
}

/// The request with a guarded body, or the refusal where it says itself that it is too large. A client that sends
/// nothing for `silent_for` while it is waited for is gone.
pub fn guarded(request: Request, most: u64, silent_for: Duration) -> Result<(Request, Told), Box<Response>> {
    let told = Told::default();
    if request.body().is_end_stream() {
        return Ok((request, told));
    }
    let length = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > most) {
        let detail = format!("The request's body is larger than {most} bytes.");
        return Err(Box::new(problem::refuse(Code::TooLarge, &detail)));
    }
    let silence = Box::pin(tokio::time::sleep(silent_for));
    let own = told.clone();
    let request =
        request.map(|inner| Body::new(Guarded { inner, left: most, silent_for, silence, waiting: false, told: own }));
    Ok((request, told))
}

impl HttpBody for Guarded {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        match Pin::new(&mut self.inner).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                let bytes = frame.data_ref().map_or(0, |data| data.len() as u64);
                let Some(left) = self.left.checked_sub(bytes) else {
                    self.told.set(Fault::TooLarge);
                    return Poll::Ready(Some(Err(Broken("is too large").into())));
                };
                self.left = left;
                self.waiting = false;
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(error.into()))),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => {
                if !std::mem::replace(&mut self.waiting, true) {
                    let until = Instant::now() + self.silent_for;
                    self.silence.as_mut().reset(until);
                }
                std::task::ready!(self.silence.as_mut().poll(context));
                self.told.set(Fault::Stalled);
                Poll::Ready(Some(Err(Broken("stopped arriving").into())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
