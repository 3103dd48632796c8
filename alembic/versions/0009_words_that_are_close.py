"""Words that are close to others, and the same words whatever cannot be seen in them."""

import sqlalchemy as sa
from alembic import op

from adapters.postgres.words import KNOWN, LEARNS, create_or_mend

revision = "0009"
down_revision = "0008"

TABLES = ("assets", "kits")
# What is generated is so anew where a name is written. Of a name in ASCII, the same is made as before.
MEND = """
update {0} set name = name where octet_length(name) <> char_length(name)
and (folded, words) is distinct from (search_fold(name), search_words(name))
"""
LEARN = """
insert into vocabulary (word)
select distinct word from {0} cross join lateral unnest(string_to_array(folded, ' ')) written (word)
where {known} and not exists (select from vocabulary known where known.word = written.word)
"""


def upgrade() -> None:
    downgrade()  # what is left where it ended in between
    create_or_mend(op.get_bind())
    op.create_table(
        "vocabulary",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("word", sa.Text(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vocabulary")),
    )
    op.create_index("ix_vocabulary_word", "vocabulary", ["word"])
    close = sa.text("search_shortened(word)")
    op.create_index("ix_vocabulary_close", "vocabulary", [close], postgresql_using="gin")
    op.execute("alter index ix_vocabulary_close alter column 1 set statistics 0")  # nobody asks, and it takes seconds
    # Each by itself: to make a trigger waits for all that writes by the functions of before, so that what they wrote is
    # there to be mended. Who writes waits for that alone, and who reads for nothing.
    with op.get_context().autocommit_block():
        for statement in (*LEARNS, MEND, LEARN):
            for table in TABLES:
                op.execute(statement.format(table, known=KNOWN))


def downgrade() -> None:
    for table in TABLES:
        for trigger in ("learn_added", "learn_renamed"):
            op.execute(f"drop trigger if exists {trigger} on {table}")
    op.execute("drop function if exists search_learn()")
    op.drop_table("vocabulary", if_exists=True)
    op.execute("drop function if exists search_shortened(text)")
