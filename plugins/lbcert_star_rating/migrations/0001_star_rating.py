"""star_rating."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# What each database is asked to hold by itself, frozen as it was when this version was written.
TRIGGERS = {
    "sqlite": [
        "CREATE TRIGGER tr_star_rating_judged_update BEFORE UPDATE ON star_rating_nominations WHEN NEW.scheme_id <> OLD.scheme_id OR NEW.person_id <> OLD.person_id OR NEW.evidence <> OLD.evidence OR (OLD.state <> 'nominated' AND (NEW.stars <> OLD.stars OR NEW.points <> OLD.points)) OR (OLD.state IN ('awarded', 'rejected') AND NEW.state <> OLD.state) BEGIN SELECT RAISE(ABORT, 'star_rating.judged'); END",
        "CREATE TRIGGER tr_star_rating_review_update_update BEFORE UPDATE ON star_rating_reviews WHEN 1=1 BEGIN SELECT RAISE(ABORT, 'star_rating.review.update'); END",
        "CREATE TRIGGER tr_star_rating_review_delete_delete BEFORE DELETE ON star_rating_reviews WHEN 1=1 BEGIN SELECT RAISE(ABORT, 'star_rating.review.delete'); END",
        "CREATE TRIGGER tr_star_rating_review_of_oneself_insert BEFORE INSERT ON star_rating_reviews WHEN EXISTS (SELECT 1 FROM star_rating_nominations n WHERE n.id = NEW.nomination_id AND n.person_id = NEW.reviewer_id) BEGIN SELECT RAISE(ABORT, 'star_rating.review_of_oneself'); END",
        "CREATE TRIGGER tr_star_rating_award_update_update BEFORE UPDATE ON star_rating_awards WHEN NEW.nomination_id <> OLD.nomination_id OR NEW.person_id <> OLD.person_id OR NEW.stars <> OLD.stars OR NEW.awarded_on <> OLD.awarded_on OR NEW.valid_to <> OLD.valid_to OR OLD.withdrawn_on IS NOT NULL OR (OLD.certificate_id IS NOT NULL AND NEW.certificate_id IS DISTINCT FROM OLD.certificate_id AND NOT EXISTS (SELECT 1 FROM certificates c WHERE c.id = NEW.certificate_id AND c.replaces_id = OLD.certificate_id AND c.award_ref = 'star_rating_awards:' || NEW.id)) BEGIN SELECT RAISE(ABORT, 'star_rating.award.update'); END",
        "CREATE TRIGGER tr_star_rating_award_delete_delete BEFORE DELETE ON star_rating_awards WHEN 1=1 BEGIN SELECT RAISE(ABORT, 'star_rating.award.delete'); END",
        "CREATE TRIGGER tr_star_rating_other_than_noticed_insert BEFORE INSERT ON star_rating_awards WHEN NOT EXISTS (SELECT 1 FROM star_rating_nominations n WHERE n.id = NEW.nomination_id AND n.state = 'noticed' AND n.stars = NEW.stars AND n.person_id = NEW.person_id AND n.notice_to < NEW.awarded_on) BEGIN SELECT RAISE(ABORT, 'star_rating.other_than_noticed'); END",
        "CREATE TRIGGER tr_star_rating_issuer_reviewed_update BEFORE UPDATE OF certificate_id ON star_rating_awards WHEN EXISTS (SELECT 1 FROM star_rating_reviews r JOIN certificates c ON c.issuer_id = r.reviewer_id WHERE r.nomination_id = NEW.nomination_id AND c.id = NEW.certificate_id) BEGIN SELECT RAISE(ABORT, 'star_rating.issuer_reviewed'); END",
        "CREATE TRIGGER tr_star_rating_too_few_reviews_insert BEFORE INSERT ON star_rating_awards WHEN (SELECT COUNT(*) FROM star_rating_reviews r WHERE r.nomination_id = NEW.nomination_id) < (SELECT s.reviewers FROM star_rating_schemes s JOIN star_rating_nominations n ON n.scheme_id = s.id WHERE n.id = NEW.nomination_id) BEGIN SELECT RAISE(ABORT, 'star_rating.too_few_reviews'); END",
    ],
    "postgresql": [
        "CREATE FUNCTION tr_star_rating_judged() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.scheme_id <> OLD.scheme_id OR NEW.person_id <> OLD.person_id OR NEW.evidence <> OLD.evidence OR (OLD.state <> 'nominated' AND (NEW.stars <> OLD.stars OR NEW.points <> OLD.points)) OR (OLD.state IN ('awarded', 'rejected') AND NEW.state <> OLD.state) THEN RAISE EXCEPTION 'star_rating.judged' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER tr_star_rating_judged BEFORE UPDATE ON star_rating_nominations FOR EACH ROW EXECUTE FUNCTION tr_star_rating_judged()",
        "CREATE FUNCTION tr_star_rating_review_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF 1=1 THEN RAISE EXCEPTION 'star_rating.review.update' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER tr_star_rating_review_update BEFORE UPDATE ON star_rating_reviews FOR EACH ROW EXECUTE FUNCTION tr_star_rating_review_update()",
        "CREATE FUNCTION tr_star_rating_review_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF 1=1 THEN RAISE EXCEPTION 'star_rating.review.delete' USING ERRCODE = 'check_violation'; END IF; RETURN OLD; END $$",
        "CREATE TRIGGER tr_star_rating_review_delete BEFORE DELETE ON star_rating_reviews FOR EACH ROW EXECUTE FUNCTION tr_star_rating_review_delete()",
        "CREATE FUNCTION tr_star_rating_review_delete_truncate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'star_rating.review.delete' USING ERRCODE = 'check_violation'; END $$",
        "CREATE TRIGGER tr_star_rating_review_delete_truncate BEFORE TRUNCATE ON star_rating_reviews FOR EACH STATEMENT EXECUTE FUNCTION tr_star_rating_review_delete_truncate()",
        "CREATE FUNCTION tr_star_rating_review_of_oneself() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF EXISTS (SELECT 1 FROM star_rating_nominations n WHERE n.id = NEW.nomination_id AND n.person_id = NEW.reviewer_id) THEN RAISE EXCEPTION 'star_rating.review_of_oneself' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER tr_star_rating_review_of_oneself BEFORE INSERT ON star_rating_reviews FOR EACH ROW EXECUTE FUNCTION tr_star_rating_review_of_oneself()",
        "CREATE FUNCTION tr_star_rating_award_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.nomination_id <> OLD.nomination_id OR NEW.person_id <> OLD.person_id OR NEW.stars <> OLD.stars OR NEW.awarded_on <> OLD.awarded_on OR NEW.valid_to <> OLD.valid_to OR OLD.withdrawn_on IS NOT NULL OR (OLD.certificate_id IS NOT NULL AND NEW.certificate_id IS DISTINCT FROM OLD.certificate_id AND NOT EXISTS (SELECT 1 FROM certificates c WHERE c.id = NEW.certificate_id AND c.replaces_id = OLD.certificate_id AND c.award_ref = 'star_rating_awards:' || NEW.id)) THEN RAISE EXCEPTION 'star_rating.award.update' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER tr_star_rating_award_update BEFORE UPDATE ON star_rating_awards FOR EACH ROW EXECUTE FUNCTION tr_star_rating_award_update()",
        "CREATE FUNCTION tr_star_rating_award_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF 1=1 THEN RAISE EXCEPTION 'star_rating.award.delete' USING ERRCODE = 'check_violation'; END IF; RETURN OLD; END $$",
        "CREATE TRIGGER tr_star_rating_award_delete BEFORE DELETE ON star_rating_awards FOR EACH ROW EXECUTE FUNCTION tr_star_rating_award_delete()",
        "CREATE FUNCTION tr_star_rating_award_delete_truncate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'star_rating.award.delete' USING ERRCODE = 'check_violation'; END $$",
        "CREATE TRIGGER tr_star_rating_award_delete_truncate BEFORE TRUNCATE ON star_rating_awards FOR EACH STATEMENT EXECUTE FUNCTION tr_star_rating_award_delete_truncate()",
        "CREATE FUNCTION tr_star_rating_other_than_noticed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM star_rating_nominations n WHERE n.id = NEW.nomination_id AND n.state = 'noticed' AND n.stars = NEW.stars AND n.person_id = NEW.person_id AND n.notice_to < NEW.awarded_on) THEN RAISE EXCEPTION 'star_rating.other_than_noticed' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER tr_star_rating_other_than_noticed BEFORE INSERT ON star_rating_awards FOR EACH ROW EXECUTE FUNCTION tr_star_rating_other_than_noticed()",
        "CREATE FUNCTION tr_star_rating_issuer_reviewed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF EXISTS (SELECT 1 FROM star_rating_reviews r JOIN certificates c ON c.issuer_id = r.reviewer_id WHERE r.nomination_id = NEW.nomination_id AND c.id = NEW.certificate_id) THEN RAISE EXCEPTION 'star_rating.issuer_reviewed' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER tr_star_rating_issuer_reviewed BEFORE UPDATE OF certificate_id ON star_rating_awards FOR EACH ROW EXECUTE FUNCTION tr_star_rating_issuer_reviewed()",
        "CREATE FUNCTION tr_star_rating_too_few_reviews() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF (SELECT COUNT(*) FROM star_rating_reviews r WHERE r.nomination_id = NEW.nomination_id) < (SELECT s.reviewers FROM star_rating_schemes s JOIN star_rating_nominations n ON n.scheme_id = s.id WHERE n.id = NEW.nomination_id) THEN RAISE EXCEPTION 'star_rating.too_few_reviews' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER tr_star_rating_too_few_reviews BEFORE INSERT ON star_rating_awards FOR EACH ROW EXECUTE FUNCTION tr_star_rating_too_few_reviews()",
    ],
}


def upgrade() -> None:
    # ### commands auto generated by Alembic - please adjust! ###
    op.create_table(
        "star_rating_schemes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("validity_months", sa.Integer(), nullable=False),
        sa.Column("reviewers", sa.Integer(), nullable=False),
        sa.Column("notice_days", sa.Integer(), nullable=False),
        sa.Column("at_work_points", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("retired_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("at_work_points BETWEEN 0 AND 100", name=op.f("ck_star_rating_schemes_points_of_100")),
        sa.CheckConstraint("notice_days > 0", name=op.f("ck_star_rating_schemes_some_notice")),
        sa.CheckConstraint("reviewers > 0", name=op.f("ck_star_rating_schemes_somebody_reviews")),
        sa.CheckConstraint("validity_months > 0", name=op.f("ck_star_rating_schemes_some_validity")),
        sa.ForeignKeyConstraint(["brand_id"], ["brands.id"], name=op.f("fk_star_rating_schemes_brand_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_star_rating_schemes_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_star_rating_schemes")),
        sa.UniqueConstraint("brand_id", "name", name=op.f("uq_star_rating_schemes_brand_id_name")),
    )
    op.create_table(
        "star_rating_criteria",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scheme_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column(
            "evidence",
            sa.Enum(
                "marks",
                "attendance",
                "outcome",
                "reviewers",
                name="evidence",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.CheckConstraint("weight > 0", name=op.f("ck_star_rating_criteria_some_weight")),
        sa.ForeignKeyConstraint(
            ["scheme_id"], ["star_rating_schemes.id"], name=op.f("fk_star_rating_criteria_scheme_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_star_rating_criteria")),
        sa.UniqueConstraint("scheme_id", "label", name=op.f("uq_star_rating_criteria_scheme_id_label")),
    )
    op.create_table(
        "star_rating_thresholds",
        sa.Column("scheme_id", sa.Integer(), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.CheckConstraint("points BETWEEN 0 AND 100", name=op.f("ck_star_rating_thresholds_points_of_100")),
        sa.CheckConstraint("stars BETWEEN 1 AND 10", name=op.f("ck_star_rating_thresholds_some_stars")),
        sa.ForeignKeyConstraint(
            ["scheme_id"], ["star_rating_schemes.id"], name=op.f("fk_star_rating_thresholds_scheme_id")
        ),
        sa.PrimaryKeyConstraint("scheme_id", "stars", name=op.f("pk_star_rating_thresholds")),
    )
    op.create_table(
        "star_rating_vetoes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scheme_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["scheme_id"], ["star_rating_schemes.id"], name=op.f("fk_star_rating_vetoes_scheme_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_star_rating_vetoes")),
    )
    op.create_table(
        "star_rating_nominations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scheme_id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "nominated",
                "reviewed",
                "noticed",
                "awarded",
                "rejected",
                name="nominationstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("points", sa.String(length=40), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("notice_from", sa.Date(), nullable=True),
        sa.Column("notice_to", sa.Date(), nullable=True),
        sa.Column("rejected_reason", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(rejected_reason = '') OR state = 'rejected'", name=op.f("ck_star_rating_nominations_rejected_has_reason")
        ),
        sa.CheckConstraint(
            "state NOT IN ('noticed', 'awarded') OR (stars > 0 AND notice_to IS NOT NULL)",
            name=op.f("ck_star_rating_nominations_noticed_has_stars"),
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolments.id"], name=op.f("fk_star_rating_nominations_enrolment_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_star_rating_nominations_person_id")),
        sa.ForeignKeyConstraint(
            ["scheme_id"], ["star_rating_schemes.id"], name=op.f("fk_star_rating_nominations_scheme_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_star_rating_nominations")),
    )
    op.create_index(
        op.f("ix_star_rating_nominations_person_id"), "star_rating_nominations", ["person_id"], unique=False
    )
    op.create_index(
        "uq_star_rating_nominations_scheme_id_person_id",
        "star_rating_nominations",
        ["scheme_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('nominated', 'reviewed', 'noticed')"),
        postgresql_where=sa.text("state IN ('nominated', 'reviewed', 'noticed')"),
    )
    op.create_table(
        "star_rating_reviews",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("nomination_id", sa.Integer(), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=False),
        sa.Column("points", sa.Text(), nullable=False),
        sa.Column("vetoes", sa.Text(), nullable=False),
        sa.Column("remark", sa.String(length=500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["nomination_id"], ["star_rating_nominations.id"], name=op.f("fk_star_rating_reviews_nomination_id")
        ),
        sa.ForeignKeyConstraint(["reviewer_id"], ["persons.id"], name=op.f("fk_star_rating_reviews_reviewer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_star_rating_reviews")),
        sa.UniqueConstraint(
            "nomination_id", "reviewer_id", name=op.f("uq_star_rating_reviews_nomination_id_reviewer_id")
        ),
    )
    op.create_table(
        "star_rating_awards",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("nomination_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("awarded_on", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("certificate_id", sa.Integer(), nullable=True),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_reason", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(withdrawn_on IS NULL) = (withdrawn_reason = '')", name=op.f("ck_star_rating_awards_withdrawn_has_reason")
        ),
        sa.CheckConstraint("stars > 0", name=op.f("ck_star_rating_awards_some_stars")),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificates.id"], name=op.f("fk_star_rating_awards_certificate_id")
        ),
        sa.ForeignKeyConstraint(
            ["nomination_id"], ["star_rating_nominations.id"], name=op.f("fk_star_rating_awards_nomination_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_star_rating_awards_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_star_rating_awards")),
        sa.UniqueConstraint("nomination_id", name=op.f("uq_star_rating_awards_nomination_id")),
    )
    op.create_index(op.f("ix_star_rating_awards_person_id"), "star_rating_awards", ["person_id"], unique=False)
    # ### end Alembic commands ###
    for statement in TRIGGERS[op.get_bind().dialect.name]:
        op.execute(sa.text(statement.replace(":", "\\:")))
