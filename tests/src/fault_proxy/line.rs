//! Connections that can be broken from inside a request.

use std::io;
use std::net::{Ipv4Addr, Shutdown};
use std::sync::Arc;

use axum::Router;
use axum::extract::connect_info::Connected;
use axum::response::Response;
use axum::serve::{IncomingStream, Listener};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Serves a router whose handlers may cut their own connection.
pub(super) async fn serve(router: Router) -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let service = router.into_make_service_with_connect_info::<Line>();
    let server = tokio::spawn(async move {
        axum::serve(Breakable(listener), service).await.unwrap();
    });
    (address, server)
}

/// Hands out connections together with a handle that can break them.
struct Breakable(TcpListener);

#[derive(Clone, Debug)]
pub(super) struct Line(Arc<std::net::TcpStream>);

impl Listener for Breakable {
    type Io = TcpStream;
    type Addr = Line;

    async fn accept(&mut self) -> (TcpStream, Line) {
        let (stream, _) = self.0.accept().await.unwrap();
        let stream = stream.into_std().unwrap();
        let line = Line(Arc::new(stream.try_clone().unwrap()));
        (TcpStream::from_std(stream).unwrap(), line)
    }

    fn local_addr(&self) -> io::Result<Line> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

impl Connected<IncomingStream<'_, Breakable>> for Line {
    fn connect_info(stream: IncomingStream<'_, Breakable>) -> Self {
        stream.remote_addr().clone()
    }
}

impl Line {
    /// Breaks the connection; nobody hears of this request any more.
    pub(super) async fn cut(&self) -> Response {
        // A connection that its other side has closed already needs no cut.
        self.0.shutdown(Shutdown::Both).ok();
        std::future::pending().await
    }
}
