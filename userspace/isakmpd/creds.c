// SPDX-License-Identifier: GPL-2.0
/*
 * Credentials in files.
 *
 * A file may be on a server that is down, or a FIFO that nobody writes into.  So
 * files are read by loaders, threads that do nothing else; who needs one waits
 * for it, but not long: after SLOW_NS the credential counts as slow, the question
 * is put aside (worker.c), and the next ones for it are put aside at once, or
 * refused when ISAKMP_CRED_WAITING_MAX are.  A slow credential thus costs one
 * loader and each worker one short wait; nobody else notices.
 *
 * What is in a file when a question comes is what counts.  Keys and certificates
 * stay in memory, and are read again when the file is not the one it was (number,
 * size, times).  Secrets are read each time, and wiped when nobody wanted them for
 * IDLE_NS; keys and certificates after KEEP_NS, authorities after CA_NS: for so long it is
 * known whom they had revoked.
 *
 * For a slow one it counts what was read when the reading ended: who
 * came while it went on does not wait for another.
 */
#include <isakmp/limits.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "creds.h"
#include "file.h"
#include "log.h"

#define SLOW_NS		50000000ULL	/* a worker waits so long */
#define IDLE_NS		1000000000ULL	/* a secret stays so long */
#define KEEP_NS		600000000000ULL	/* keys and certificates so long */
#define CA_NS		(2000000ULL * IKE_TICKET_MS)	/* more than a ticket lives */
#define STOP_NS		500000000ULL	/* the end waits so long for loaders */
#define LOADERS_MAX	32
#define STACK		(256 * 1024)
#define BUCKETS		1024
#define FILE_MAX	(1 << 20)	/* octets of a file of certificates */

enum work { IDLE, QUEUED, RUNNING };

/**
 * struct entry - the files of a cred, or of several that name the same
 * @next: in its bucket
 * @queue: in the queue
 * @type: enum isakmp_cred_type
 * @name: of the cred that was first, for the log
 * @file: path
 * @key_file: path, or NULL
 * @work: is it being read
 * @slow: it takes longer than anybody waits
 * @waiting: questions that were put aside for it
 * @users: threads that wait for it
 * @asked: a question waits for it
 * @said: what is wrong with it, when the log has it, or NULL
 * @used: when it was wanted last
 * @began: when the reading under way began
 * @from: when the last reading began; 0: there was none
 * @till: when it ended, if it was slow
 * @good: the last reading gave something
 * @secret: psk, user: what it gave, or NULL
 * @loaded: others: what it gave, or NULL
 * @stamp: of @file and @key_file, of @loaded
 *
 * All protected by lock.
 */
struct entry {
	struct entry *next;
	struct entry *queue;
	u8 type;
	char *name;
	char *file;
	char *key_file;
	enum work work;
	bool slow;
	unsigned int waiting;
	unsigned int users;
	bool asked;
	const char *said;
	u64 used;
	u64 began;
	u64 from;
	u64 till;
	bool good;
	struct secret *secret;
	struct loaded *loaded;
	struct file_stamp stamp[2];
};

static const char *dir;
static struct creds_news news;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t work_more = PTHREAD_COND_INITIALIZER;
static pthread_cond_t done_more = PTHREAD_COND_INITIALIZER;
static struct entry *buckets[BUCKETS];		/* from here on: protected by lock */
static struct entry *queue, **queue_end = &queue;
static unsigned int loaders, idle, entries;
static bool stopping;

/**
 * creds_now() - the time
 *
 * Return: ns of some clock that only goes on; never 0.
 */
u64 creds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (u64)t.tv_sec * 1000000000ULL + (u64)t.tv_nsec + 1;
}

static struct timespec timespec_of(u64 ns)
{
	return (struct timespec) { .tv_sec = (time_t)(ns / 1000000000ULL),
				   .tv_nsec = (long)(ns % 1000000000ULL) };
}

/* Must hold lock.  False: it is over. */
static bool wait_until(pthread_cond_t *cond, u64 until)
{
	struct timespec t = timespec_of(until);

	return !pthread_cond_clockwait(cond, &lock, CLOCK_MONOTONIC, &t);
}

/* ---- reading --------------------------------------------------------------------------- */

static const char *read_file(const char *from, const char *file, enum file_kind kind,
			     struct octets *o, struct file_stamp *stamp)
{
	struct file_room room = { .octets = malloc(FILE_MAX), .size = FILE_MAX };
	const char *why = "memory ran out";

	if (room.octets)
		why = file_read(from, file, kind, &room, stamp);
	*o = (struct octets) { room.octets, room.n };
	return why;
}

/* A secret in words, not keys or certificates. */
static bool is_words(u8 type)
{
	return type == ISAKMP_CRED_PSK || type == ISAKMP_CRED_USER;
}

static void forget_file(struct octets *o)
{
	if (o->p)
		OPENSSL_cleanse((void *)o->p, o->n);
	free((void *)o->p);
}

/* Who may read `file`: it is secret when the private key is in it. */
static enum file_kind kind_of(u8 type, const char *key_file)
{
	return type == ISAKMP_CRED_KEY || type == ISAKMP_CRED_USERS ||
	       (type == ISAKMP_CRED_X509 && !key_file) ?
	       FILE_SECRET : FILE_PUBLIC;
}

/* @blame: which of the two is wrong, if any */
static const char *read_both(const char *from, u8 type, const char *file, const char *key_file,
			     struct file_stamp stamp[2], struct loaded **l, const char **blame)
{
	struct octets o = { 0 }, k = { 0 };
	const char *why = read_file(from, file, kind_of(type, key_file), &o, &stamp[0]);

	*blame = file;
	if (!why && key_file) {
		why = read_file(from, key_file, FILE_SECRET, &k, &stamp[1]);
		*blame = why ? key_file : file;
	}
	if (!why)
		why = loaded_parse(type, &o, &k, l);
	forget_file(&o);
	forget_file(&k);
	return why;
}

/**
 * struct reading - what a loader has on hand, while lock is not held
 * @good: it gave something
 * @other: other certificates than before, or revoked ones, or users
 * @revoked: others are revoked than before, as far as can be known
 * @asked: as in struct entry
 * @said: the same
 * @secret: psk, user
 * @loaded: others; before: what there was
 * @stamp: of @loaded
 */
struct reading {
	bool good;
	bool other;
	bool revoked;
	bool asked;
	const char *said;
	struct secret *secret;
	struct loaded *loaded;
	struct file_stamp stamp[2];
};

static bool unchanged(const struct entry *e, const struct reading *r)
{
	return r->loaded && file_unchanged(dir, e->file, &r->stamp[0]) &&
	       (!e->key_file || file_unchanged(dir, e->key_file, &r->stamp[1]));
}

static void complain(const char *name, const char *file, const char *why)
{
	log_warning("cred %s: %s: %s", name, file, why);
}

/* Not under lock: it may take long.  What names the files does not change. */
static void read_loaded(const struct entry *e, struct reading *r)
{
	struct loaded *was = r->loaded;
	const char *why, *blame;

	r->good = unchanged(e, r);
	if (r->good)
		return;
	r->loaded = NULL;
	why = read_both(dir, e->type, e->file, e->key_file, r->stamp, &r->loaded, &blame);
	if (!why) {
		r->said = NULL;
	} else if ((r->asked || why != r->said) && log_often()) {
		complain(e->name, blame, why);
		r->said = why;
	}
	r->good = !why;
	r->other = !loaded_same_word(was, r->loaded);
	r->revoked = was && (why || !loaded_same_revoked(was, r->loaded));
	loaded_put(was);
}

static void read_secret(const struct entry *e, struct reading *r)
{
	const char *why;

	r->secret = secret_new();
	why = r->secret ? secret_read(dir, e->file, r->secret) : "memory ran out";
	if (why && log_often())
		complain(e->name, e->file, why);
	r->good = !why;
}

/* ---- entries: all must hold lock ------------------------------------------------------- */

static void entry_free(struct entry *e)
{
	secret_free(e->secret);
	loaded_put(e->loaded);
	free(e->name);
	free(e->file);
	free(e->key_file);
	free(e);
	entries--;
}

static bool same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* FNV-1a; the names are the operator's. */
static struct entry **bucket(const char *file)
{
	u32 h = 2166136261U;

	for (; *file; file++)
		h = (h ^ (u8)*file) * 16777619U;
	return &buckets[h % BUCKETS];
}

static struct entry *entry_new(const struct config_cred *cred)
{
	struct entry *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	entries++;
	e->type = cred->type;
	e->name = strdup(cred->name);
	e->file = strdup(cred->file);
	e->key_file = cred->key_file ? strdup(cred->key_file) : NULL;
	if (!e->name || !e->file || (cred->key_file && !e->key_file)) {
		entry_free(e);
		return NULL;
	}
	return e;
}

static struct entry *entry_for(const struct config_cred *cred)
{
	struct entry **b = bucket(cred->file), *e;

	for (e = *b; e; e = e->next)
		if (e->type == cred->type && same(e->file, cred->file) &&
		    same(e->key_file, cred->key_file))
			return e;
	e = entry_new(cred);
	if (e) {
		e->next = *b;
		*b = e;
	}
	return e;
}

static bool stale(const struct entry *e, u64 now)
{
	u64 keep = is_words(e->type) ? IDLE_NS : e->type == ISAKMP_CRED_CA ? CA_NS : KEEP_NS;

	return e->work == IDLE && !e->users && now - e->used > keep;
}

/* What nobody wants any more goes. */
static void sweep(u64 now)
{
	struct entry **b, **at, *e;

	for (b = buckets; b < buckets + BUCKETS; b++) {
		for (at = b; (e = *at);) {
			if (!stopping && !stale(e, now)) {
				at = &e->next;
				continue;
			}
			*at = e->next;
			entry_free(e);
		}
	}
}

/* ---- loaders ------------------------------------------------------------------------------ */

/* Must hold lock.  It was read. */
static void finish(struct entry *e, const struct reading *r)
{
	secret_free(e->secret);
	loaded_put(e->loaded);
	e->secret = r->secret;
	e->loaded = r->loaded;
	memcpy(e->stamp, r->stamp, sizeof(e->stamp));
	e->good = r->good;
	e->said = r->said;
	e->from = e->began;
	e->till = e->slow ? creds_now() : 0;
	e->work = IDLE;
	e->slow = false;
	e->waiting = 0;
	e->used = creds_now();
	pthread_cond_broadcast(&done_more);
}

/* Must hold lock, which is let go meanwhile. */
static void serve(struct entry *e)
{
	struct reading r = { .asked = e->asked, .said = e->said, .loaded = loaded_get(e->loaded) };
	bool was_slow, authorities, users;

	memcpy(r.stamp, e->stamp, sizeof(r.stamp));
	e->work = RUNNING;
	e->asked = false;
	e->began = creds_now();
	pthread_mutex_unlock(&lock);
	if (is_words(e->type))
		read_secret(e, &r);
	else
		read_loaded(e, &r);
	pthread_mutex_lock(&lock);
	was_slow = e->slow;
	authorities = (r.other || was_slow) && e->type == ISAKMP_CRED_CA;
	users = r.other && e->type == ISAKMP_CRED_USERS;
	finish(e, &r);
	pthread_mutex_unlock(&lock);
	if (was_slow)
		news.ready();
	if (authorities)
		news.authorities(r.revoked);
	if (users)
		news.users();
	pthread_mutex_lock(&lock);
}

static struct entry *take_work(void)
{
	struct entry *e = queue;

	if (e) {
		queue = e->queue;
		if (!queue)
			queue_end = &queue;
	}
	return e;
}

static void *loader(void *arg)
{
	struct entry *e;

	(void)arg;
	pthread_mutex_lock(&lock);
	while (!stopping) {
		e = take_work();
		if (e) {
			serve(e);
			continue;
		}
		idle++;
		if (entries)
			wait_until(&work_more, creds_now() + IDLE_NS);
		else
			pthread_cond_wait(&work_more, &lock);
		idle--;
		sweep(creds_now());
	}
	OPENSSL_thread_stop();	/* the process may end before the thread has */
	loaders--;
	pthread_cond_broadcast(&done_more);
	pthread_mutex_unlock(&lock);
	return NULL;
}

/* Must hold lock.  Nobody joins a loader: it may be in a read that never ends. */
static bool add_loader(void)
{
	pthread_attr_t attr;
	pthread_t thread;
	bool good;

	if (pthread_attr_init(&attr))
		return false;
	good = !pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED) &&
	       !pthread_attr_setstacksize(&attr, STACK) &&
	       !pthread_create(&thread, &attr, loader, NULL);
	pthread_attr_destroy(&attr);
	loaders += good;
	return good;
}

/* Must hold lock.  False: there is nobody who could read it. */
static bool enqueue(struct entry *e)
{
	if (e->work != IDLE)
		return true;
	if (!idle && loaders < LOADERS_MAX)
		add_loader();
	if (!loaders)
		return false;
	e->work = QUEUED;
	e->queue = NULL;
	*queue_end = e;
	queue_end = &e->queue;
	pthread_cond_signal(&work_more);
	return true;
}

/* ---- asking --------------------------------------------------------------------------------- */

static bool fresh(const struct entry *e, u64 since)
{
	return e->from && (e->from >= since || e->till >= since);
}

/* Must hold lock. */
static enum cred_state put_aside(struct entry *e, const struct creds_view *v)
{
	e->slow = true;
	if (v->again)
		return CRED_WAIT;
	if (e->waiting == ISAKMP_CRED_WAITING_MAX)
		return CRED_BUSY;
	e->waiting++;
	return CRED_WAIT;
}

/* Must hold lock. */
static enum cred_state bring(struct entry *e, const struct creds_view *v)
{
	u64 until = creds_now() + SLOW_NS;
	bool more = true;

	e->used = creds_now();
	while (!fresh(e, v->since)) {
		e->asked |= !v->look;
		if (!enqueue(e))
			return CRED_NONE;
		if (e->slow || !more)
			return put_aside(e, v);
		e->users++;
		more = wait_until(&done_more, until);
		e->users--;
	}
	return e->good ? CRED_READY : CRED_NONE;
}

static enum cred_state get(const struct cred_source *src, const struct config_cred *cred,
			   struct secret *s, struct loaded **l)
{
	const struct creds_view *v = container_of(src, struct creds_view, src);
	enum cred_state state = CRED_NONE;
	struct entry *e;

	pthread_mutex_lock(&lock);
	e = stopping ? NULL : entry_for(cred);
	if (e)
		state = bring(e, v);
	if (!state && s)
		*s = *e->secret;
	else if (!state)
		*l = loaded_get(e->loaded);
	pthread_mutex_unlock(&lock);
	return state;
}

static enum cred_state get_secret(const struct cred_source *src, const struct config_cred *cred,
				  struct secret *s)
{
	return get(src, cred, s, NULL);
}

static enum cred_state get_loaded(const struct cred_source *src, const struct config_cred *cred,
				  struct loaded **l)
{
	return get(src, cred, NULL, l);
}

static bool is_gone(const struct cred_source *src, const struct config_cred *cred)
{
	(void)src;
	return file_is_missing(dir, cred->file);
}

/**
 * creds_view() - credentials as of one question
 * @since: creds_now() when it came; 0: what was read last will do, whenever that was
 * @again: it has waited before
 *
 * Return: a source for auth_decide(); any thread may use it.
 */
struct creds_view creds_view(u64 since, bool again)
{
	return (struct creds_view) { .src = { get_secret, get_loaded, is_gone }, .since = since,
				     .again = again };
}

/* ---- life ------------------------------------------------------------------------------------ */

/**
 * creds_start() - from here on there are credentials
 * @secrets: the secrets directory; stays the caller's
 * @n: what the rest wants to hear
 */
void creds_start(const char *secrets, const struct creds_news *n)
{
	dir = secrets;
	news = *n;
	stopping = false;
}

/**
 * creds_stop() - forget everything
 *
 * Context: nobody asks any more.
 * Return: false: a loader hangs in a file; the process may not tidy up
 * behind its back.
 */
bool creds_stop(void)
{
	u64 until = creds_now() + STOP_NS;
	bool more = true, gone;

	pthread_mutex_lock(&lock);
	stopping = true;
	pthread_cond_broadcast(&work_more);
	while (loaders && more)
		more = wait_until(&done_more, until);
	gone = !loaders;
	if (gone) {
		sweep(creds_now());
		queue = NULL;
		queue_end = &queue;
	}
	pthread_mutex_unlock(&lock);
	return gone;
}

/* ---- before it is needed ------------------------------------------------------------------------ */

static void examine_secret(const char *secrets, const struct config_cred *cred)
{
	struct secret s;
	const char *why = secret_read(secrets, cred->file, &s);

	if (why)
		complain(cred->name, cred->file, why);
	else if (cred->type == ISAKMP_CRED_PSK && s.n < SECRET_SHORT)
		log_warning("cred %s: %s: a secret of less than %d octets can be guessed",
			    cred->name, cred->file, SECRET_SHORT);
	secret_wipe(&s);
}

/**
 * creds_refresh() - read a credential again if its file is another one
 * @cred: the cred, not one of words
 *
 * What is in a FIFO is left to those who need it.
 *
 * Context: may block for a moment.
 */
void creds_refresh(const struct config_cred *cred)
{
	struct creds_view view = creds_view(creds_now(), true);
	struct loaded *l;

	view.look = true;
	if (cred->file && !file_is_fifo(dir, cred->file) && !view.src.load(&view.src, cred, &l))
		loaded_put(l);
}

/**
 * creds_examine() - say in the log what is wrong with a credential
 * @secrets: the secrets directory
 * @cred: the cred
 *
 * What is in a FIFO is left to those who need it.
 *
 * Context: may block on the file system.
 */
void creds_examine(const char *secrets, const struct config_cred *cred)
{
	struct file_stamp stamp[2];
	struct loaded *l = NULL;
	const char *why, *blame;

	if (!cred->file || file_is_fifo(secrets, cred->file) ||
	    (cred->key_file && file_is_fifo(secrets, cred->key_file)))
		return;
	if (is_words(cred->type)) {
		examine_secret(secrets, cred);
		return;
	}
	why = read_both(secrets, cred->type, cred->file, cred->key_file, stamp, &l, &blame);
	if (why)
		complain(cred->name, blame, why);
	loaded_put(l);
}
