use super::*;

/// The pool over the server's own database, where there is a server.
async fn pool() -> Option<Pool> {
    // Where it is absent, the tests in `tests/it` say so loudly.
    let server = std::env::var("HOLDFAST_TEST_POSTGRES").ok()?;
    let at = Database::parse(&format!("{server}/postgres")).unwrap();
    Some(Pool::open(&at).await.unwrap())
}

const MOMENT: Duration = Duration::from_millis(20);

async fn who(lent: &mut Lent) -> i32 {
    let sql = "select pg_backend_pid()";
    let (pid,) = lent
        .call(PATIENCE, |on| Box::pin(query_as(sql).fetch_one(on)))
        .await
        .unwrap();
    pid
}

/// Too long for a moment, but the answer comes while the connection could be on its way back.
async fn sleep(lent: &mut Lent, within: Duration) -> sqlx::Result<()> {
    lent.call(within, |on| {
        Box::pin(async move {
            sqlx::raw_sql("select pg_sleep(0.3)").execute(on).await?;
            Ok(())
        })
    })
    .await
}

async fn is_closed(pool: &Pool) -> bool {
    while pool.connections.size() > 0 && pool.connections.num_idle() == 0 {
        tokio::task::yield_now().await;
    }
    pool.connections.size() == 0
}

#[tokio::test]
async fn a_connection_whose_answer_did_not_come_does_no_more_and_is_closed() {
    let Some(pool) = pool().await else { return };
    let mut lent = pool.lend().await.unwrap();
    let before = who(&mut lent).await;
    let late = sleep(&mut lent, MOMENT).await.unwrap_err();
    let error = Error::postgres("p", late);
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
    assert!(matches!(
        lent.begin("begin").await,
        Err(sqlx::Error::PoolClosed)
    ));
    drop(lent);
    assert!(is_closed(&pool).await);
    assert_ne!(who(&mut pool.lend().await.unwrap()).await, before);
    pool.close().await;
}

#[tokio::test]
async fn a_connection_whose_caller_left_half_way_is_closed() {
    let Some(pool) = pool().await else { return };
    let mut lent = pool.lend().await.unwrap();
    lent.begin("begin").await.unwrap();
    assert!(timeout(MOMENT, sleep(&mut lent, PATIENCE)).await.is_err());
    drop(lent);
    assert!(is_closed(&pool).await);
    pool.close().await;
}

#[tokio::test]
async fn a_connection_in_order_is_used_again_and_in_no_transaction() {
    let Some(pool) = pool().await else { return };
    let mut lent = pool.lend().await.unwrap();
    let before = who(&mut lent).await;
    lent.begin("begin read only").await.unwrap();
    let wrong = lent
        .call(PATIENCE, |on| Box::pin(sqlx::raw_sql("selec").execute(on)))
        .await;
    assert!(wrong.is_err());
    drop(lent);
    while pool.connections.num_idle() == 0 {
        tokio::task::yield_now().await;
    }
    let mut again = pool.lend().await.unwrap();
    assert_eq!(who(&mut again).await, before);
    // Inside another transaction this would change nothing.
    let begun = again.begin("begin isolation level serializable").await;
    begun.unwrap();
    let sql = "select current_setting('transaction_isolation')";
    let (level,): (String,) = again
        .call(PATIENCE, |on| Box::pin(query_as(sql).fetch_one(on)))
        .await
        .unwrap();
    assert_eq!(level, "serializable");
    drop(again);
    pool.close().await;
}
