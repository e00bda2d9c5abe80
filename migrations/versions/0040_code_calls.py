"""A landline is proved by a call that reads the code out: the code is sealed until it is used."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("page_method") as table:
        table.add_column(sa.Column("code_sealed", sa.LargeBinary(), nullable=True))
        table.add_column(sa.Column("call_public_id", sa.String(length=22), nullable=True))
        table.create_unique_constraint(
            op.f("uq_page_method_call_public_id"), ["call_public_id"]
        )


def downgrade():
    with op.batch_alter_table("page_method") as table:
        table.drop_constraint(op.f("uq_page_method_call_public_id"), type_="unique")
        table.drop_column("call_public_id")
        table.drop_column("code_sealed")
