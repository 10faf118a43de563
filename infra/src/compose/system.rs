//! A process that serves: its servers, its background work, and what its HTTP routes are made of.

use std::sync::Arc;

use command_api::graphql::Grace;
use command_api::identity::Identity;
use connectors::connections::Connections;
use query_api::graphql::Deps;
use query_api::live::Hub;
use query_api::reader::Reader;
use streams::Commands;
use streams::files::Files;
use streams::proof::Signatory;
use streams::retention::Archives;
use streams::sequencer::SequencerError;

use super::{Background, Platform, Work, audit, sources};
use crate::config::Config;
use crate::http::{Live, Readiness};
use crate::servers::Backing;

pub struct System {
    pub platform: Platform,
    pub commands: Commands,
    pub reader: Reader,
    pub hub: Hub,
    pub identity: Identity,
    pub connections: Connections,
    /// Takes in what is kept beside transactions.
    pub files: Files,
    /// Signs checkpoints.
    pub signatory: Signatory,
    /// Of histories.
    pub archives: Archives,
    /// Between the request of an erasure and the erasure.
    pub grace: Grace,
    backing: Backing,
    background: Background,
}

impl System {
    /// Starts everything in its order, telling `readiness` where it is.
    /// `command`: what `run.json` says is running; `url`: where this process listens.
    pub async fn start(
        config: &Config,
        command: &str,
        work: Work,
        url: &str,
        readiness: &Readiness,
    ) -> anyhow::Result<Self> {
        let places = super::identity::places(config)?;
        readiness.enter("starting PostgreSQL and nats-server");
        let backing = Backing::own(config, command).await?;
        readiness.enter("connecting");
        let platform = Platform::connect(backing.addresses(), config).await?;
        readiness.enter("migrating");
        platform.migrate().await?;
        let identity = super::identity::open(config, &platform, url, places).await?;
        // Where the sequencer runs: one log, one signer.
        let notary = if work.sequencer {
            Some(audit::notary(config, &platform.app, Some(Arc::new(identity.clone()))).await?)
        } else {
            None
        };
        let archives = audit::archives(config);
        let signatory = match &notary {
            Some(notary) => Signatory::Here(notary.clone()),
            None => Signatory::Elsewhere(platform.nats.clone(), platform.prefix.clone()),
        };
        let mut background = Background::start(&platform, work, notary.map(|notary| (notary, archives.clone())));
        background.keep_identity(&identity);
        background.tell_of_erasures(&platform, &identity);
        background.erase_accounts(&platform, &identity);
        background.sweep_files(&platform);
        background.forget_destroyed(&platform);
        if work.projections {
            background.count_again(&platform, config.metrics.raw_days);
        }
        readiness.watch(Live {
            servers: backing.states(),
            pool: platform.app.clone(),
            nats: platform.nats.clone(),
            projections: background.projections.clone(),
            sequencer: background.sequencer.clone(),
        });
        let reader = Reader::new(platform.query.clone(), platform.keys.clone());
        let commands = platform.commands.clone();
        let connections = sources::connections(config, &platform, &commands, url);
        if work.sources {
            background.keep_sources(sources::worker(config, &connections));
        }
        Ok(Self {
            commands,
            connections,
            files: Files::new(platform.app.clone(), platform.keys.clone(), config.files.most_bytes),
            hub: Hub::new(platform.nats.clone(), &platform.prefix, reader.clone()),
            reader,
            identity,
            signatory,
            archives,
            grace: Grace(config.erasure.grace()),
            platform,
            backing,
            background,
        })
    }

    /// What the query side's routes need.
    pub fn deps(&self) -> Deps {
        Deps { reader: self.reader.clone(), hub: self.hub.clone() }
    }

    /// Lets other commands on this folder in; `http`: the base address of this process.
    pub fn announce(&mut self, http: &str) -> anyhow::Result<()> {
        Ok(self.backing.announce(Some(http))?)
    }

    /// Waits for a fault that only a person can settle.
    pub async fn failed(&self) -> Arc<SequencerError> {
        self.background.failed().await
    }

    /// Stops in the opposite order: whoever writes before what is written to.
    pub async fn stop(self) {
        self.background.stop().await;
        self.platform.close().await;
        self.backing.close().await;
    }
}
