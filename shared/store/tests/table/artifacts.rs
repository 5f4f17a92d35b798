//! Files that tools made.

use run::{Call, CallId};
use store::{Artifact, Maker};

use crate::kit::{KEPT, NOW, Stand, run_id};

fn maker(round: u32, index: u32, attempt: u32) -> Maker {
    let call_id = CallId::Tool { round, index };
    Maker(Call { call_id, attempt })
}

async fn put(stand: &Stand, maker: Maker, name: &str, data: &[u8]) -> Artifact {
    let named = (name, "text/plain");
    stand
        .store
        .put_artifact(run_id(1), maker, named, data, (NOW, None))
        .await
        .unwrap()
}

async fn bytes(stand: &Stand, artifact: &Artifact) -> Option<Vec<u8>> {
    stand
        .store
        .artifact_bytes(run_id(1), artifact)
        .await
        .unwrap()
}

async fn listed(stand: &Stand) -> Vec<Artifact> {
    stand.store.artifacts(run_id(1), NOW).await.unwrap()
}

#[tokio::test]
async fn a_file_comes_back_as_it_was_however_many_chunks_it_takes() {
    let stand = Stand::new().await;
    let chunk = 350 * 1024;
    for (index, (size, chunks)) in [
        (0, 0),
        (1, 1),
        (chunk, 1),
        (chunk + 1, 2),
        (2 * chunk + 1, 3),
    ]
    .into_iter()
    .enumerate()
    {
        let data: Vec<u8> = (0..251).cycle().take(size).collect();
        let before = stand.keys().await.len();
        let file = put(
            &stand,
            maker(1, u32::try_from(index).unwrap() + 1, 1),
            "a.txt",
            &data,
        )
        .await;
        assert_eq!(
            stand.keys().await.len(),
            before + 1 + chunks,
            "{size} bytes"
        );
        assert_eq!(
            (file.bytes, file.media_type.as_str()),
            (size as u64, "text/plain")
        );
        assert_eq!(
            bytes(&stand, &file).await.as_ref(),
            Some(&data),
            "{size} bytes"
        );
    }
    let versions: Vec<_> = listed(&stand)
        .await
        .into_iter()
        .map(|file| file.version)
        .collect();
    assert_eq!(versions, ["r1.1-1", "r1.2-1", "r1.3-1", "r1.4-1", "r1.5-1"]);
}

#[tokio::test]
async fn files_are_listed_as_their_calls_were_made_and_one_name_has_many_versions() {
    let stand = Stand::new().await;
    let makers = [
        maker(10, 2, 1),
        maker(2, 11, 1),
        maker(2, 2, 2),
        maker(2, 2, 1),
        maker(1, 1, 1),
    ];
    for (number, maker) in (0..).zip(&makers) {
        put(&stand, *maker, "a.txt", &[number]).await;
    }
    // The same call made again by the same attempt is the same version.
    let again = put(&stand, makers[0], "a.txt", &[0]).await;
    let found = listed(&stand).await;
    let versions: Vec<_> = found.iter().map(|file| file.version.as_str()).collect();
    assert_eq!(
        versions,
        ["r1.1-1", "r2.2-1", "r2.2-2", "r2.11-1", "r10.2-1"]
    );
    assert_eq!(found.last(), Some(&again));
    for (file, number) in found.iter().zip([4, 3, 2, 1, 0]) {
        assert_eq!(bytes(&stand, file).await, Some(vec![number]));
    }
}

#[tokio::test]
async fn names_that_begin_alike_are_different_files() {
    let stand = Stand::new().await;
    for name in ["a", "a#b", "a.txt", "ä 🦀", "000001.0001.0001"] {
        put(&stand, maker(1, 1, 1), name, name.as_bytes()).await;
    }
    let found = listed(&stand).await;
    assert_eq!(found.len(), 5);
    for file in &found {
        assert_eq!(
            bytes(&stand, file).await,
            Some(file.name.clone().into_bytes())
        );
    }
    assert_eq!(stand.store.artifacts(run_id(2), NOW).await.unwrap(), []);
}

#[tokio::test]
async fn a_file_that_is_not_whole_is_none_and_one_whose_time_is_over_is_not_listed() {
    let stand = Stand::new().await;
    let file = put(&stand, maker(1, 1, 1), "a.txt", &vec![7; 400 * 1024]).await;
    let chunks = stand.table.items().await;
    let chunk = chunks
        .iter()
        .find(|item| item["PK"].as_str().unwrap().starts_with("ART#"));
    let text = |name: &str| {
        aws_sdk_dynamodb::types::AttributeValue::S(
            chunk.unwrap()[name].as_str().unwrap().to_owned(),
        )
    };
    let delete = stand
        .table
        .client
        .delete_item()
        .table_name(tests::table::NAME);
    delete
        .key("PK", text("PK"))
        .key("SK", text("SK"))
        .send()
        .await
        .unwrap();
    assert_eq!(bytes(&stand, &file).await, None);
    let later = NOW + u64::try_from(KEPT.as_millis()).unwrap() + 1000;
    assert_eq!(stand.store.artifacts(run_id(1), later).await.unwrap(), []);
}
