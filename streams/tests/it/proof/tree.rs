//! The tree in the store against the tree in memory.

use domain::BusinessId;
use sqlx::Row;
use streams::proof::TreeError;
use streams::proof::tree::{Hash, leaf_hash, root_of, verify_consistency, verify_inclusion};

use super::world::World;

async fn leaves(world: &World) -> Vec<Hash> {
    let rows = sqlx::query("select hash from store.log order by position").fetch_all(&world.pool).await.unwrap();
    rows.iter().map(|row| leaf_hash(row.get::<&[u8], _>(0))).collect()
}

/// More than two kept levels are complete: 65,536 leaves and some.
#[tokio::test]
async fn roots_and_proofs_are_those_of_the_whole_tree_in_memory() {
    let world = World::new().await;
    world.append(&[BusinessId::new(), BusinessId::new()], 66_000).await;
    let (tree, leaves) = (world.notary.tree(), leaves(&world).await);
    let root = |size: u64| root_of(&leaves[..usize::try_from(size).unwrap()]);
    for size in [1, 2, 255, 256, 257, 1_000, 4_096, 65_535, 65_536, 65_537, 66_000] {
        assert_eq!(tree.root(size).await.unwrap(), root(size), "{size}");
        for leaf in [0, 1, 200, 255, 256, 511, 40_000, 65_535, 65_999] {
            if leaf < size {
                let proof = tree.inclusion(leaf, size).await.unwrap();
                let hash = &leaves[usize::try_from(leaf).unwrap()];
                assert_eq!(verify_inclusion(hash, leaf, size, &proof, &root(size)), Ok(()), "{leaf} of {size}");
            }
        }
        for old in [0, 1, 3, 256, 300, 65_536, 65_600] {
            if old <= size {
                let proof = tree.consistency(old, size).await.unwrap();
                let whole = (size, &root(size));
                assert_eq!(verify_consistency((old, &root(old)), whole, &proof), Ok(()), "{old} of {size}");
            }
        }
    }
    let kept = "select level::int, count(*) from proof.node group by level order by level";
    let kept: Vec<(i32, i64)> = sqlx::query_as(kept).fetch_all(&world.pool).await.unwrap();
    assert_eq!(kept, [(1, 257), (2, 1)]);
    assert!(matches!(tree.root(66_001).await, Err(TreeError::TooLarge { size: 66_001, head: 66_000 })));
}
