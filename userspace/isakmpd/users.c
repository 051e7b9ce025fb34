// SPDX-License-Identifier: GPL-2.0
/*
 * Those whom XAUTH asks for name and password.
 *
 * For isakmpd(8):
 *
 *   A file of users has a line for each: the name, a colon, the hash of the password as
 *   crypt(5) has it (`mkpasswd` makes one), and whatever follows another colon.  Empty lines
 *   and those that begin with # mean nothing.  A hash that begins with ! or * is nobody's
 *   password.  Methods that crypt(5) calls legacy are refused.
 *
 * A name that is not there, or has no password, costs as much as one that is: the
 * password is hashed as that of some user is, always the same one for the same name.  All
 * hashes of a file should be of one method, or the time tells which it is.
 */
#include <crypt.h>
#include <isakmp/limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "users.h"

struct user {
	const char *name;
	const char *hash;
};

/**
 * struct users - those of a file
 * @text: the file, its lines and fields terminated
 * @len: octets of @text
 * @n: how many are in @user
 * @user: sorted by name
 * @n_open: how many are in @open
 * @open: those that have a password, in the same order
 */
struct users {
	char *text;
	size_t len;
	size_t n;
	struct user *user;
	size_t n_open;
	const struct user **open;
};

/* ---- the file ---------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	const struct user *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static bool name_ok(const char *s)
{
	const char *p;

	for (p = s; *p; p++)
		if ((u8)*p < ' ' || *p == 0x7f)
			return false;
	return p > s && p - s <= V1_USER_MAX;
}

static bool is_locked(const struct user *user)
{
	return *user->hash == '!' || *user->hash == '*';
}

static const char *hash_flaw(const char *hash)
{
	switch (crypt_checksalt(hash)) {
	case CRYPT_SALT_OK:
	case CRYPT_SALT_TOO_CHEAP:
		return NULL;
	case CRYPT_SALT_METHOD_LEGACY:
	case CRYPT_SALT_METHOD_DISABLED:
		return "a password in it is hashed by a method that is not safe";
	}
	return "a password in it is not a hash that is known here";
}

/* One line, terminated; changed. */
static const char *add_line(struct users *u, char *line)
{
	char *hash = strchr(line, ':'), *end;

	if (!*line || *line == '#')
		return NULL;
	if (!hash)
		return "a line without a colon in it";
	*hash++ = '\0';
	end = strchr(hash, ':');
	if (end)
		*end = '\0';
	if (!name_ok(line))
		return "a name in it is empty, too long or has a control character in it";
	u->user[u->n] = (struct user) { line, hash };
	return is_locked(&u->user[u->n++]) ? NULL : hash_flaw(hash);
}

static size_t count_lines(const struct octets *file)
{
	size_t i, n = 1;

	for (i = 0; i < file->n; i++)
		n += file->p[i] == '\n';
	return n;
}

static const char *add_lines(struct users *u)
{
	const char *why = NULL;
	char *line, *next;
	size_t i;

	for (line = u->text; !why && line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		why = add_line(u, line);
	}
	if (why)
		return why;
	qsort(u->user, u->n, sizeof(*u->user), by_name);
	for (i = 1; i < u->n; i++)
		if (!strcmp(u->user[i].name, u->user[i - 1].name))
			return "a name is in it twice";
	for (i = 0; i < u->n; i++)
		if (!is_locked(&u->user[i]))
			u->open[u->n_open++] = &u->user[i];
	return u->n ? NULL : "nobody in it";
}

/**
 * users_parse() - read a file of users
 * @file: its octets
 * @out: out: to be freed
 *
 * Context: any thread.
 * Return: NULL, or what is wrong.
 */
const char *users_parse(const struct octets *file, struct users **out)
{
	struct users *u = calloc(1, sizeof(*u));
	const char *why = "memory ran out";

	if (!u)
		return why;
	u->len = file->n + 1;
	u->text = malloc(u->len);
	u->user = calloc(count_lines(file), sizeof(*u->user));
	u->open = calloc(count_lines(file), sizeof(*u->open));
	if (u->text && u->user && u->open) {
		memcpy(u->text, file->p, file->n);
		u->text[file->n] = '\0';
		why = strlen(u->text) == file->n ? add_lines(u) : "binary data in it";
	}
	if (why)
		users_free(u);
	else
		*out = u;
	return why;
}

/**
 * users_free() - forget them
 * @u: of users_parse(), or NULL
 */
void users_free(struct users *u)
{
	if (!u)
		return;
	if (u->text)
		OPENSSL_cleanse(u->text, u->len);
	free(u->text);
	free(u->open);
	free(u->user);
	free(u);
}

/* ---- asking ------------------------------------------------------------------------------- */

static const struct user *find(const struct users *u, const char *name)
{
	struct user key = { .name = name };

	return bsearch(&key, u->user, u->n, sizeof(key), by_name);
}

/* Somebody to be hashed like, who is always the same one for a name (FNV-1a), or NULL. */
static const struct user *some(const struct users *u, const char *name)
{
	u32 h = 2166136261U;

	for (; *name; name++)
		h = (h ^ (u8)*name) * 16777619U;
	return u->n_open ? u->open[h % u->n_open] : NULL;
}

/* Octets as a string; false: they are none, or too many. */
static bool to_string(const struct octets *o, char *s, size_t size)
{
	*s = '\0';
	if (!o->n || o->n >= size || memchr(o->p, '\0', o->n))
		return false;
	memcpy(s, o->p, o->n);
	s[o->n] = '\0';
	return true;
}

static bool hashes_to(const char *password, const char *hash)
{
	struct crypt_data *d = calloc(1, sizeof(*d));
	const char *got = d ? crypt_rn(password, hash, d, sizeof(*d)) : NULL;
	size_t n = strlen(hash);
	bool same = got && strlen(got) == n && !CRYPTO_memcmp(got, hash, n);

	if (d)
		OPENSSL_cleanse(d, sizeof(*d));
	free(d);
	return same;
}

/**
 * users_check() - is it one of them, with this password
 * @u: users
 * @name: what somebody calls himself
 * @password: what he says
 *
 * Context: any thread; takes as long as the hash wants it to.
 * Return: true if so.
 */
bool users_check(const struct users *u, const struct octets *name, const struct octets *password)
{
	char n[V1_USER_MAX + 1], p[CRYPT_MAX_PASSPHRASE_SIZE];
	const struct user *user;
	bool good, known;

	known = to_string(name, n, sizeof(n));
	good = to_string(password, p, sizeof(p));
	user = known ? find(u, n) : NULL;
	known = user && !is_locked(user);
	if (!known)
		user = some(u, n);
	good = user && hashes_to(p, user->hash) && good && known;
	OPENSSL_cleanse(p, sizeof(p));
	return good;
}

/**
 * users_digest() - what a user is known by again
 * @name: the name
 * @digest: out
 *
 * Return: false: no memory.
 */
bool users_digest(const struct octets *name, u8 digest[USERS_DIGEST_LEN])
{
	return EVP_Q_digest(NULL, "SHA256", NULL, name->p, name->n, digest, NULL) == 1;
}

/**
 * users_same() - are they the same, with the same passwords
 * @a: users, or NULL
 * @b: others, or NULL
 *
 * Return: true if so, as their files have them.
 */
bool users_same(const struct users *a, const struct users *b)
{
	if (!a || !b)
		return a == b;
	return a->len == b->len && !memcmp(a->text, b->text, a->len);
}

/**
 * users_hold() - is a user among them, and not locked
 * @u: users
 * @digest: of users_digest()
 *
 * Return: true if so, or if it cannot be told.
 */
bool users_hold(const struct users *u, const u8 digest[USERS_DIGEST_LEN])
{
	u8 d[USERS_DIGEST_LEN];
	struct octets name;
	size_t i;

	for (i = 0; i < u->n_open; i++) {
		name = (struct octets) { (const u8 *)u->open[i]->name, strlen(u->open[i]->name) };
		if (!users_digest(&name, d) || !memcmp(d, digest, sizeof(d)))
			return true;
	}
	return false;
}
