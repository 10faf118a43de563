use uuid::Uuid;

/// A prefix that no other test has: its stream is `<prefix>_EVENTS`, its subjects begin with it in lower case.
pub fn nats_prefix() -> String {
    format!("T{}", Uuid::now_v7().simple()).to_ascii_uppercase()
}

/// A connection to the server of `WORKDOCK_TEST_NATS`.
pub async fn nats_client() -> async_nats::Client {
    async_nats::connect(super::address("WORKDOCK_TEST_NATS"))
        .await
        .expect("the server of WORKDOCK_TEST_NATS does not answer")
}

/// A connection and a prefix of its own, whose event stream is deleted at the end.
#[derive(Debug)]
pub struct Nats {
    client: async_nats::Client,
    prefix: String,
}

impl Nats {
    pub async fn connect() -> Self {
        Self { client: nats_client().await, prefix: nats_prefix() }
    }

    pub fn client(&self) -> async_nats::Client {
        self.client.clone()
    }

    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    pub fn url(&self) -> String {
        super::address("WORKDOCK_TEST_NATS")
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        let stream = format!("{}_EVENTS", self.prefix);
        let drop = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let jetstream = async_nats::jetstream::new(nats_client().await);
                match jetstream.delete_stream(&stream).await {
                    Ok(_) => Ok(()),
                    // The test made none.
                    Err(error) if error.to_string().contains("not found") => Ok(()),
                    Err(error) => Err(std::io::Error::other(error)),
                }
            })
        });
        if let Ok(Err(error)) = drop.join() {
            eprintln!("the test stream {}_EVENTS stays: {error}", self.prefix);
        }
    }
}
