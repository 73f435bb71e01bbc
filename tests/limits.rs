//! What the server does not let itself be made to do: wait without end, unpack without end, stop too early or never.

mod support;

use std::time::Duration;

use demarche::proto::stance_service_client::StanceServiceClient;
use demarche::server::ServerConfig;
use support::{Server, request};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tonic::Code;
use tonic::codec::CompressionEncoding;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt;

const TEXT: &str = "China condemned the sanctions of the United States.";
const ENCODINGS: [CompressionEncoding; 2] = [CompressionEncoding::Gzip, CompressionEncoding::Zstd];

#[tokio::test(flavor = "multi_thread")]
async fn more_than_the_queue_holds_is_shed_with_a_time_to_retry() {
    let server = Server::start_with(ServerConfig { workers: 1, waiting: 1, ..ServerConfig::default() }).await;
    let client = server.stances().await;
    let long = "The minister said that Kenya supports the plan of Brazil. ".repeat(3_000);
    let calls: Vec<_> = (0..16)
        .map(|_| {
            let (mut client, request) = (client.clone(), request(&long));
            tokio::spawn(async move { client.classify(request).await })
        })
        .collect();
    let (mut answered, mut shed) = (0, 0);
    for call in calls {
        match call.await.expect("no panic") {
            Ok(_) => answered += 1,
            Err(status) => {
                assert_eq!(status.code(), Code::ResourceExhausted, "{status:?}");
                let details = status.get_error_details();
                assert!(details.retry_info().is_some_and(|retry| retry.retry_delay.is_some()), "{status:?}");
                assert_eq!(details.error_info().expect("ErrorInfo").reason, "OVERLOADED");
                shed += 1;
            }
        }
    }
    assert!(answered >= 2 && shed >= 1, "{answered} answered, {shed} shed: one is read, one waits, the others go");
    client.clone().classify(request(TEXT)).await.expect("afterwards there is room again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_floods_leaves_room_for_another() {
    let server = Server::start_with(ServerConfig { workers: 1, waiting: 8, ..ServerConfig::default() }).await;
    let (greedy, mut modest) = (server.stances().await, server.stances().await);
    let long = "The minister said that Kenya supports the plan of Brazil. ".repeat(3_000);
    let (sender, mut turned_away) = tokio::sync::mpsc::unbounded_channel();
    for _ in 0..32 {
        let (mut client, request, sender) = (greedy.clone(), request(&long), sender.clone());
        tokio::spawn(async move {
            if client.classify(request).await.is_err() {
                let _ = sender.send(());
            }
        });
    }
    drop(sender);
    turned_away.recv().await.expect("the queue has no more room for the first connection");
    modest.classify(request(TEXT)).await.expect("room is kept for a connection that holds little");
}

#[tokio::test]
async fn compression_is_refused_unless_switched_on() {
    let server = Server::start(Duration::from_secs(10)).await;
    for encoding in ENCODINGS {
        let mut client = StanceServiceClient::new(server.channel().await).send_compressed(encoding);
        let status = client.classify(request(TEXT)).await.expect_err("compressed");
        assert_eq!(status.code(), Code::Unimplemented, "{encoding:?}: {status:?}");
    }
}

#[tokio::test]
async fn compressed_messages_are_bounded_by_what_they_unpack_to() {
    let server = Server::start_with(ServerConfig { compression: true, ..ServerConfig::default() }).await;
    let expected = server.stances().await.classify(request(TEXT)).await.expect("an answer").into_inner();
    for encoding in ENCODINGS {
        let client = StanceServiceClient::new(server.channel().await);
        let mut client = client.send_compressed(encoding).accept_compressed(encoding);
        let answer = client.classify(request(TEXT)).await.expect("an answer");
        assert_eq!(answer.get_ref(), &expected, "{encoding:?}");
        // 64 MiB of one letter are some 60 kB when packed: far below the limit of 4 MiB.
        let status = client.classify(request(&"x".repeat(64 << 20))).await.expect_err("a bomb");
        assert_eq!(status.code(), Code::ResourceExhausted, "{encoding:?}: {status:?}");
        assert!(status.message().contains("4194304 bytes"), "{encoding:?}: {status:?}");
        client.classify(request(TEXT)).await.expect("the connection goes on");
    }
}

#[tokio::test]
async fn a_pause_comes_before_the_drain() {
    let (pause, drain) = (Duration::from_secs(2), Duration::from_millis(300));
    let server = Server::start_with(ServerConfig { pause, drain, ..ServerConfig::default() }).await;
    let address = server.address;
    let idle = server.channel().await;
    let silent = TcpStream::connect(address).await.expect("a connection");
    let ended = server.stop();
    sleep(Duration::from_millis(100)).await;
    let health = HealthClient::new(idle.clone()).check(HealthCheckRequest::default()).await.expect("health answers");
    assert_eq!(health.into_inner().status(), ServingStatus::NotServing);
    let late = StanceServiceClient::connect(format!("http://{address}")).await;
    late.expect("connections are accepted in the pause").classify(request(TEXT)).await.expect("and calls answered");
    assert!(!ended.is_finished(), "the pause was skipped");
    timeout(Duration::from_secs(20), ended).await.expect("the drain has no bound").unwrap().expect("a clean end");
    assert!(TcpStream::connect(address).await.is_err(), "connections are accepted after the end");
    drop((idle, silent));
}
