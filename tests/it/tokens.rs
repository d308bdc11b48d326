//! Tokens: whom the server takes for whom.

use serde_json::json;

use crate::harness::{Server, Store, on_both_databases, token};

on_both_databases!(whoever_has_a_good_token_is_answered);

fn whoever_has_a_good_token_is_answered(store: &Store) {
    let server = Server::start(store);
    for role in ["partner", "editor", "publisher", "admin"] {
        let answer = server.query_as(&token(role, &[]), "{ latest { totalCount } }", json!({}));
        assert_eq!(answer["latest"]["totalCount"], 0);
    }
}
