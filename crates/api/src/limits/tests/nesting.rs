//! How deep a document may be nested, and that no depth uses up a stack.

use std::fmt::Write as _;

use async_graphql::value;

use super::{LimitSettings, code, cost_with};
use crate::error_code::ErrorCode;

#[test]
fn deep_nesting_is_refused_before_it_is_parsed() {
    let braces = format!(
        "{{ {}id{} }}",
        "sections {".repeat(10_000),
        "}".repeat(10_000)
    );
    let settings = LimitSettings {
        tokens: 1_000_000,
        ..LimitSettings::default()
    };
    for text in [
        braces,
        "{".repeat(10_000),
        format!(
            "{{ nodes(ids: {}{}) {{ id }} }}",
            "[".repeat(10_000),
            "]".repeat(10_000)
        ),
        format!(
            "{{ nodes(ids: {}1{}) {{ id }} }}",
            "{a:".repeat(10_000),
            "}".repeat(10_000)
        ),
        format!(
            "query($a: {}Int{}) {{ sections {{ id }} }}",
            "[".repeat(10_000),
            "]".repeat(10_000)
        ),
    ] {
        let error = cost_with(&text, value!({}), &settings).unwrap_err();
        assert_eq!(error.code(), ErrorCode::NestingTooDeep);
    }
}

#[test]
fn nesting_that_is_allowed_fits_the_stack_of_a_worker() {
    let settings = LimitSettings {
        nesting: 60,
        depth: 100,
        ..LimitSettings::default()
    };
    let lists = format!(
        "{{ nodes(ids: {}1{}) {{ id }} }}",
        "[".repeat(58),
        "]".repeat(58)
    );
    let fields = format!(
        "{{ sections {{ {}id{} }} }}",
        "parent {".repeat(58),
        "}".repeat(58)
    );
    let inline = format!(
        "{{ sections {{ {}id{} }} }}",
        "... {".repeat(58),
        "}".repeat(58)
    );
    let run =
        move || [lists, fields, inline].map(|text| cost_with(&text, value!({}), &settings).err());
    let refused = std::thread::Builder::new()
        .stack_size(2 * 1024 * 1024)
        .spawn(run)
        .unwrap()
        .join()
        .unwrap();
    assert_eq!(refused, [None, None, None]);
}

#[test]
fn chains_of_fragments_do_not_use_up_the_stack() {
    let mut chain = "{ sections { id } }".to_owned();
    for level in 0..190 {
        write!(
            chain,
            " fragment F{level} on Section {{ ... {{ ... {{ ...F{} }} }} }}",
            level + 1
        )
        .unwrap();
    }
    chain.push_str(" fragment F190 on Section { id }");
    assert_eq!(code(&chain), Some(ErrorCode::NestingTooDeep));
}
