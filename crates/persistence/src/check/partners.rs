//! Partners, and the tokens that were made for them.

use masthead_domain::{
    identifier::{PartnerId, PartnerTokenId},
    node_id::NodeId,
};

use super::{Check, Flaw};
use crate::{
    PersistenceError,
    partners::{COLUMNS, TOKEN_COLUMNS, read_partner, read_token},
    row::column,
};

impl Check<'_> {
    pub(super) async fn partners(&mut self) -> Result<(), PersistenceError> {
        self.readable(
            ("partner", "partner"),
            &format!("SELECT {COLUMNS} FROM partner"),
            partner_node,
            |row| read_partner(row).map(drop),
        )
        .await?;
        self.readable(
            ("partner_token", "token"),
            &format!("SELECT {TOKEN_COLUMNS} FROM partner_token AS token"),
            |id| NodeId::PartnerToken(PartnerTokenId::from_number(id)),
            |row| read_token(row, 0).map(drop),
        )
        .await?;
        // Sections are chosen for a partner that is told of those alone, and for no other.
        let rows = self
            .wrong(
                "SELECT partner.id FROM partner WHERE (partner.restricted = 1) <> \
                 (EXISTS (SELECT 1 FROM partner_section WHERE partner_section.partner_id = partner.id)) \
                 ORDER BY partner.id",
            )
            .await?;
        for row in rows {
            let id: i64 = column(&row, 0)?;
            self.find("partner", id, Some(partner_node(id)), Flaw::PartnerSections);
        }
        Ok(())
    }
}

fn partner_node(id: i64) -> NodeId {
    NodeId::Partner(PartnerId::from_number(id))
}
