//! A mail server that keeps what it is sent.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    pub to: String,
    pub text: String,
}

#[derive(Debug, Clone)]
pub struct Sink {
    pub port: u16,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Sink {
    pub async fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let sink = Self { port: listener.local_addr().unwrap().port(), received: Arc::default() };
        let received = Arc::clone(&sink.received);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, Arc::clone(&received)));
            }
        });
        sink
    }

    pub fn take(&self) -> Vec<Received> {
        std::mem::take(&mut *self.received.lock().unwrap())
    }
}

async fn converse(stream: TcpStream, received: Arc<Mutex<Vec<Received>>>) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut to = String::new();
    write.write_all(b"220 sink\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let command = line.to_ascii_uppercase();
        let answer: &[u8] = if command.starts_with("RCPT TO:") {
            line["RCPT TO:".len()..].trim_matches(['<', '>', ' ']).clone_into(&mut to);
            if to.starts_with("refused@") { b"550 nobody here\r\n" } else { b"250 ok\r\n" }
        } else if command == "DATA" {
            write.write_all(b"354 go on\r\n").await?;
            let mut text = String::new();
            while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                text.push_str(line.strip_prefix('.').unwrap_or(&line));
                text.push('\n');
            }
            received.lock().unwrap().push(Received { to: to.clone(), text });
            b"250 taken\r\n"
        } else if command == "QUIT" {
            return write.write_all(b"221 bye\r\n").await;
        } else {
            b"250 ok\r\n"
        };
        write.write_all(answer).await?;
    }
    Ok(())
}
