#!/usr/bin/env bash
# npm typeorm 1.1.1, sequelize 6.37.8 and @mikro-orm/postgresql 6.6.9 with pg 8.23.1 and PostgreSQL 15;
# PyPI django-concurrency 2.8.1 and django-optimistic-lock 1.0.0 with django 5.2.19, and sqlalchemy
# 2.1.9, with SQLite.
#
# Two requests load a row with the library's version column. The first changes the row, then the second
# writes its old copy. A guess says that the second write is refused, since that is what the column is
# for.
#
# - typeorm accepts the old copy and sets the version back from 2 to 1. The number then names two texts,
#   so that a comparison of versions by hand is wrong as well.
# - sequelize reports that the old copy was deleted, without an error, and the row remains. typeorm,
#   mikro-orm and both of Django's delete the changed row. Only sqlalchemy refuses.
# - django-optimistic-lock refuses an old copy once: the refusal raises the version in the copy, so that
#   a retry of the same call is accepted.
# - A change does not raise the version if it is an update of many rows (sequelize, both of Django's,
#   sqlalchemy), a save of named fields (both of Django's) or an upsert (sequelize, mikro-orm). An old
#   copy is then accepted.
# - After the row was deleted, an old copy creates it again in typeorm and both of Django's.
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: a store writes the head with one UPDATE that names the revision, and compares the
# number of rows. The conformance kit finds stores that leave the comparison to a version column.
set -euo pipefail

programs=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$programs" ] || { echo "MISSING: PostgreSQL (Debian: postgresql)" >&2; exit 1; }
work=$(mktemp -d)
as_user() { "$@"; }
if [ "$(id -u)" = 0 ]; then
  as_user() { setpriv --reuid 65534 --regid 65534 --clear-groups env HOME="$work" "$@"; }
  chown 65534:65534 "$work"
fi
cleanup() {
  as_user "$programs/pg_ctl" -D "$work/data" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap cleanup EXIT
cd "$work"
as_user "$programs/initdb" -D "$work/data" -U postgres -A trust >/dev/null
as_user "$programs/pg_ctl" -D "$work/data" -l "$work/log" -w -o "-c listen_addresses= -c unix_socket_directories=$work" start >/dev/null
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install django==5.2.19 django-concurrency==2.8.1 django-optimistic-lock==1.0.0 \
  sqlalchemy==2.1.9
npm --silent init -y >/dev/null
npm --silent install --legacy-peer-deps typeorm@1.1.1 sequelize@6.37.8 pg@8.23.1 reflect-metadata@0.2.2 @mikro-orm/core@6.6.9 \
  @mikro-orm/knex@6.6.9 @mikro-orm/postgresql@6.6.9 >/dev/null

cat > columns.mjs <<'JS'
import 'reflect-metadata';
import { MikroORM, EntitySchema as MikroSchema } from '@mikro-orm/postgresql';
import { DataTypes, Sequelize } from 'sequelize';
import { DataSource, EntitySchema } from 'typeorm';

const host = process.cwd();
const reporter = (library, read) => async (case_, act) => {
  let answer = 'accepted';
  try { await act(); } catch { answer = 'refused'; }
  const row = await read();
  console.log(`${library} | ${case_} | ${answer} | ${row ? `${row.body}, version ${row.version}` : 'no row'}`);
};

{
  const Note = new EntitySchema({ name: 'typeorm', columns: {
    id: { type: 'int', primary: true }, body: { type: 'text' }, version: { type: 'int', version: true },
  } });
  const source = await new DataSource({ type: 'postgres', host, username: 'postgres', database: 'postgres', entities: [Note], synchronize: true }).initialize();
  const notes = source.getRepository(Note);
  const report = reporter('typeorm', async () => (await source.query('SELECT body, version FROM typeorm'))[0]);
  const copies = async () => {
    await notes.clear();
    await notes.insert({ id: 1, body: 'first' });
    return [await notes.findOneBy({ id: 1 }), await notes.findOneBy({ id: 1 })];
  };
  const save = (copy, body) => notes.save(Object.assign(copy, { body }));
  let [a, b] = await copies();
  await save(b, 'B');
  await report('save', () => save(a, 'A'));
  [a, b] = await copies();
  await save(b, 'B');
  await report('delete', () => notes.remove(a));
  [a] = await copies();
  await notes.update({ id: 1 }, { body: 'B' });
  await report('save after an update of many rows', () => save(a, 'A'));
  [a, b] = await copies();
  await notes.remove(b);
  await report('save after a delete', () => save(a, 'A'));
  await source.destroy();
}
{
  const database = new Sequelize('postgres', 'postgres', '', { host, dialect: 'postgres', logging: false });
  const Note = database.define('sequelize', { id: { type: DataTypes.INTEGER, primaryKey: true }, body: DataTypes.TEXT }, { version: true, timestamps: false, freezeTableName: true });
  await Note.sync();
  const report = reporter('sequelize', async () => (await database.query('SELECT body, version FROM sequelize'))[0][0]);
  const copies = async () => {
    await Note.destroy({ truncate: true });
    await Note.create({ id: 1, body: 'first' });
    return [await Note.findByPk(1), await Note.findByPk(1)];
  };
  let [a, b] = await copies();
  await b.update({ body: 'B' });
  await report('save', () => a.update({ body: 'A' }));
  await report('save again', () => a.save());
  [a, b] = await copies();
  await b.update({ body: 'B' });
  await report('delete', () => a.destroy());
  [a] = await copies();
  await Note.update({ body: 'B' }, { where: { id: 1 } });
  await report('save after an update of many rows', () => a.update({ body: 'A' }));
  [a] = await copies();
  await Note.upsert({ id: 1, body: 'B' });
  await report('save after an upsert', () => a.update({ body: 'A' }));
  [a, b] = await copies();
  await b.destroy();
  await report('save after a delete', () => a.update({ body: 'A' }));
  await database.close();
}
{
  const Note = new MikroSchema({ name: 'mikro', properties: { id: { type: 'integer', primary: true }, body: { type: 'text' }, version: { type: 'integer', version: true } } });
  const orm = await MikroORM.init({ host, user: 'postgres', dbName: 'postgres', entities: [Note], debug: false });
  await orm.em.getConnection().execute('CREATE TABLE mikro (id int PRIMARY KEY, body text, version int NOT NULL DEFAULT 1)');
  const report = reporter('mikro-orm', async () => (await orm.em.getConnection().execute('SELECT body, version FROM mikro'))[0]);
  const copies = async () => {
    const [first, second, third] = [orm.em.fork(), orm.em.fork(), orm.em.fork()];
    await first.nativeDelete('mikro', {});
    await first.insert('mikro', { id: 1, body: 'first' });
    return [await second.findOne('mikro', 1), await third.findOne('mikro', 1), second, third];
  };
  const save = (copy, body, manager) => { copy.body = body; return manager.flush(); };
  let [a, b, forA, forB] = await copies();
  await save(b, 'B', forB);
  await report('save', () => save(a, 'A', forA));
  await report('save again', () => forA.flush());
  [a, b, forA, forB] = await copies();
  await save(b, 'B', forB);
  await report('delete', () => forA.remove(a).flush());
  [a, b, forA, forB] = await copies();
  await forB.nativeUpdate('mikro', { id: 1 }, { body: 'B' });
  await report('save after an update of many rows', () => save(a, 'A', forA));
  [a, b, forA, forB] = await copies();
  await forB.upsert('mikro', { id: 1, body: 'B' });
  await report('save after an upsert', () => save(a, 'A', forA));
  [a, b, forA, forB] = await copies();
  await forB.remove(b).flush();
  await report('save after a delete', () => save(a, 'A', forA));
  await orm.close();
}
JS
cat > columns.py <<'PY'
import django
from django.conf import settings

settings.configure(DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}, INSTALLED_APPS=["concurrency"])
django.setup()
from concurrency.fields import AutoIncVersionField
from django.db import connection, models
from ool import VersionedMixin, VersionField
from sqlalchemy import Column, Integer, Text, create_engine, delete, text, update
from sqlalchemy.orm import Session, declarative_base


class Concurrency(models.Model):
    id = models.IntegerField(primary_key=True)
    body = models.TextField()
    version = AutoIncVersionField()

    class Meta:
        app_label = "notes"


class Ool(VersionedMixin, models.Model):
    id = models.IntegerField(primary_key=True)
    body = models.TextField()
    version = VersionField()

    class Meta:
        app_label = "notes"


def report(library, case, act, read):
    try:
        act()
        answer = "accepted"
    except Exception:
        answer = "refused"
    row = read()
    print(library, case, answer, "{}, version {}".format(*row) if row else "no row", sep=" | ")


def save(copy, body, **options):
    copy.body = body
    copy.save(**options)


for library, Note in (("django-concurrency", Concurrency), ("django-optimistic-lock", Ool)):
    with connection.schema_editor() as editor:
        editor.create_model(Note)

    def copies():
        Note.objects.all().delete()
        Note(id=1, body="first").save(force_insert=True)
        return Note.objects.get(), Note.objects.get()

    def check(case, act):
        report(library, case, act, lambda: Note.objects.values_list("body", "version").first())

    a, b = copies()
    save(b, "B")
    check("save", lambda: save(a, "A"))
    check("save again", a.save)
    a, b = copies()
    save(b, "B")
    check("delete", a.delete)
    a, b = copies()
    save(b, "B", update_fields=["body"])
    check("save after a save of named fields", lambda: save(a, "A"))
    a, b = copies()
    Note.objects.update(body="B")
    check("save after an update of many rows", lambda: save(a, "A"))
    a, b = copies()
    b.delete()
    check("save after a delete", lambda: save(a, "A"))

Base = declarative_base()


class Note(Base):
    __tablename__ = "note"
    id = Column(Integer, primary_key=True)
    body = Column(Text)
    version = Column(Integer, nullable=False)
    __mapper_args__ = {"version_id_col": version}


engine = create_engine("sqlite:///notes")
Base.metadata.create_all(engine)


def copy_of():
    with Session(engine, expire_on_commit=False) as session:
        return session.get(Note, 1)


def copies():
    with Session(engine) as session:
        session.execute(delete(Note))
        session.add(Note(id=1, body="first"))
        session.commit()
    return copy_of(), copy_of()


def write(copy, body):
    with Session(engine, expire_on_commit=False) as session:
        if body is None:
            session.delete(copy)
        else:
            session.add(copy)
            copy.body = body
        session.commit()


def write_many():
    with Session(engine) as session:
        session.execute(update(Note).values(body="B"))
        session.commit()


def check(case, act):
    def read():
        with engine.connect() as connection:
            return connection.execute(text("SELECT body, version FROM note")).first()

    report("sqlalchemy", case, act, read)


a, b = copies()
write(b, "B")
check("save", lambda: write(a, "A"))
a, b = copies()
write(b, "B")
check("delete", lambda: write(a, None))
a, b = copies()
write_many()
check("save after an update of many rows", lambda: write(a, "A"))
a, b = copies()
write(b, None)
check("save after a delete", lambda: write(a, "A"))
PY

{ node columns.mjs; venv/bin/python -W ignore columns.py; } > seen
cat > expected <<'END'
typeorm | save | accepted | A, version 1
typeorm | delete | accepted | no row
typeorm | save after an update of many rows | accepted | A, version 1
typeorm | save after a delete | accepted | A, version 1
sequelize | save | refused | B, version 1
sequelize | save again | refused | B, version 1
sequelize | delete | accepted | B, version 1
sequelize | save after an update of many rows | accepted | A, version 1
sequelize | save after an upsert | accepted | A, version 1
sequelize | save after a delete | refused | no row
mikro-orm | save | refused | B, version 2
mikro-orm | save again | refused | B, version 2
mikro-orm | delete | accepted | no row
mikro-orm | save after an update of many rows | refused | B, version 2
mikro-orm | save after an upsert | accepted | A, version 2
mikro-orm | save after a delete | refused | no row
django-concurrency | save | refused | B, version 2
django-concurrency | save again | refused | B, version 2
django-concurrency | delete | accepted | no row
django-concurrency | save after a save of named fields | accepted | A, version 2
django-concurrency | save after an update of many rows | accepted | A, version 2
django-concurrency | save after a delete | accepted | A, version 1
django-optimistic-lock | save | refused | B, version 1
django-optimistic-lock | save again | accepted | A, version 2
django-optimistic-lock | delete | accepted | no row
django-optimistic-lock | save after a save of named fields | accepted | A, version 1
django-optimistic-lock | save after an update of many rows | accepted | A, version 1
django-optimistic-lock | save after a delete | accepted | A, version 1
sqlalchemy | save | refused | B, version 2
sqlalchemy | delete | refused | B, version 2
sqlalchemy | save after an update of many rows | accepted | A, version 2
sqlalchemy | save after a delete | refused | no row
END
diff -u expected seen || { echo "CHANGED: a version column refuses other writes now" >&2; exit 1; }
echo "OK: one of six libraries accepts old copies in spite of its version column, and one reports the deletion of a row that remains"
