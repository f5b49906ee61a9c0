from django.db.models.expressions import Col, Expression

from kezhuan.kernel.models import Record


def test_columns_are_told_apart_as_django_does_without_asking_for_signatures():
    def asked():
        fields = [Record._meta.get_field(name) for name in ("title", "summary", "owner")]
        return [Col(alias, field) for alias in ("kernel_record", "T3") for field in fields]

    columns, again = asked(), asked()
    assert columns == again
    assert [hash(one) for one in columns] == [hash(one) for one in again]
    assert len(set(columns)) == len({Expression.__hash__(one) for one in columns}) == 6
    one = Col("T4", Record._meta.get_field("title"))
    hash(one)
    assert "identity" not in vars(one)
