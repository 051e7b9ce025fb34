// SPDX-License-Identifier: GPL-2.0
/*
 * The snapshot in force.
 *
 * The main thread owns both sockets here: one that receives the events about
 * objects, and one for dumps.  It swaps the snapshot; workers take references.
 *
 * Freshness.  The kernel queues the event of a change on our socket before the
 * command that made the change returns.  So a snapshot is current when the
 * event socket is empty and nothing received from it awaits a dump.  A worker
 * looks (sync_snapshot), under the lock that the main thread holds while it
 * empties the socket; only if something is there does it ask the main thread
 * and wait.  What an operator changed before a peer's message came is therefore
 * in the decision, and the common case costs one poll(2).
 *
 * Order of the dumps: peers first.  A change in between makes the peer's
 * generation older than its auth objects, never newer, and an old generation
 * is what the kernel refuses (and asks again).
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "log.h"
#include "objects.h"
#include "sync.h"

#define TORN_TRIES	8	/* dumps in a row that a change interrupted */
#define WAIT_S		5	/* a worker waits so long for the main thread */

static struct link events;	/* received from by the main thread */
static struct link dumps;	/* main thread's alone */
static void (*kick_main)(void);
static _Atomic u16 family;	/* 0: the module is not there */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t served_more = PTHREAD_COND_INITIALIZER;
static struct config *current;	/* these five: protected by lock */
static bool dirty;		/* current is older than what is known */
static bool ending;		/* the main thread serves no more */
static u64 wanted;		/* tickets drawn by workers */
static u64 served;		/* tickets honoured by the main thread */

/**
 * sync_open() - open the sockets
 * @kick: makes the main thread call sync_serve() soon; any thread may call it
 *
 * Context: main thread, before workers.
 * Return: 0 or -errno.
 */
int sync_open(void (*kick)(void))
{
	int err = link_open(&events);

	if (!err)
		err = link_only_config_events(&events);
	if (!err)
		err = link_open(&dumps);
	kick_main = kick;
	return err;
}

/**
 * sync_end() - nobody waits for the main thread from here on
 *
 * Context: main thread.
 */
void sync_end(void)
{
	pthread_mutex_lock(&lock);
	ending = true;
	pthread_cond_broadcast(&served_more);
	pthread_mutex_unlock(&lock);
}

/**
 * sync_close() - close the sockets, drop the snapshot
 *
 * Context: main thread, after workers.
 */
void sync_close(void)
{
	sync_detach();
	link_close(&events);
	link_close(&dumps);
}

/**
 * sync_fd() - the event socket, to be polled
 *
 * Return: its descriptor; when readable, sync_drain() is due.
 */
int sync_fd(void)
{
	return events.fd;
}

/**
 * sync_family() - where the module is
 *
 * Context: any thread.
 * Return: type of its messages, 0: it is not there.
 */
u16 sync_family(void)
{
	return atomic_load(&family);
}

/**
 * sync_dirty() - the snapshot may be old
 *
 * Context: any thread.
 */
void sync_dirty(void)
{
	pthread_mutex_lock(&lock);
	dirty = true;
	pthread_mutex_unlock(&lock);
}

/**
 * sync_attach() - the module is there
 * @f: where
 *
 * Context: main thread.
 * Return: 0 or -errno.
 */
int sync_attach(const struct family *f)
{
	int err = link_join(&events, f->events);

	if (err)
		return err;
	atomic_store(&family, f->id);
	sync_dirty();
	return 0;
}

/**
 * sync_detach() - the module is gone; so is the snapshot
 *
 * Context: main thread.
 */
void sync_detach(void)
{
	struct config *old;

	atomic_store(&family, 0);
	pthread_mutex_lock(&lock);
	old = current;
	current = NULL;
	pthread_cond_broadcast(&served_more);
	pthread_mutex_unlock(&lock);
	config_put(old);
}

/**
 * sync_drain() - empty the event socket
 *
 * Events say no more than that something changed: all of it is dumped again.
 *
 * Context: main thread.
 * Return: true when sync_serve() is due.
 */
bool sync_drain(void)
{
	struct nlmsghdr *nlh;
	bool due;
	int left, err;

	pthread_mutex_lock(&lock);
	for (;;) {
		err = link_receive(&events, MSG_DONTWAIT, &nlh, &left);
		if (err == -EAGAIN)
			break;
		dirty = true;	/* -ENOBUFS too: events were lost */
		if (err && err != -ENOBUFS)
			break;
	}
	due = dirty || wanted != served;
	pthread_mutex_unlock(&lock);
	return due;
}

static int add(struct nlmsghdr *nlh, void *arg)
{
	int err = objects_add(nlh, arg);

	if (err != -EBADMSG)
		return err;
	log_warning("the kernel shows an object that is not understood here: left out");
	return 0;
}

static int dump_into(struct config *c)
{
	static const u8 cmds[] = {
		ISAKMP_CMD_PEER_GET, ISAKMP_CMD_AUTH_GET, ISAKMP_CMD_CRED_GET,
		ISAKMP_CMD_POOL_GET,
	};
	struct nl_msg *msg;
	int err = 0;
	size_t i;

	for (i = 0; !err && i < ARRAY_SIZE(cmds); i++) {
		msg = link_request(sync_family(), cmds[i], NLM_F_DUMP);
		err = link_call(&dumps, msg, add, c);
	}
	return err ? err : config_finish(c);
}

static int dump(struct config **c)
{
	int err, tries;

	for (tries = 0; tries < TORN_TRIES; tries++) {
		*c = config_new();
		if (!*c)
			return -ENOMEM;
		err = dump_into(*c);
		if (!err)
			return 0;
		config_put(*c);
		*c = NULL;
		if (err != -EINTR)
			break;
	}
	return err;
}

/**
 * sync_serve() - make the snapshot current, and tell the workers that wait
 * @old: out: the one it replaces, to be put; or NULL
 * @new: out: the new one, to be put; NULL when there was nothing to do
 *
 * Context: main thread; blocks for the length of a dump.
 * Return: 0 or -errno: it is as it was, try again later.
 */
int sync_serve(struct config **old, struct config **new)
{
	bool due;
	u64 ticket;
	int err = 0;

	*old = NULL;
	*new = NULL;
	sync_drain();
	pthread_mutex_lock(&lock);
	ticket = wanted;
	due = dirty && sync_family();
	if (due)
		dirty = false;
	pthread_mutex_unlock(&lock);

	if (due)
		err = dump(new);

	pthread_mutex_lock(&lock);
	if (err)
		dirty = true;
	else
		served = ticket;
	if (*new) {
		*old = current;
		current = config_get(*new);
	}
	pthread_cond_broadcast(&served_more);
	pthread_mutex_unlock(&lock);
	return err;
}

/* Must hold lock. */
static void wait_for_main(void)
{
	struct timespec until;
	u64 ticket = ++wanted;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += WAIT_S;
	kick_main();
	while (served < ticket && !ending && sync_family())
		if (pthread_cond_clockwait(&served_more, &lock, CLOCK_MONOTONIC, &until))
			return;
}

/**
 * sync_current() - the snapshot as it is
 *
 * Context: main thread, for which sync_snapshot() would wait in vain.
 * Return: it, to be put, or NULL.
 */
struct config *sync_current(void)
{
	struct config *c;

	pthread_mutex_lock(&lock);
	c = config_get(current);
	pthread_mutex_unlock(&lock);
	return c;
}

/**
 * sync_snapshot() - what to decide on
 * @force: dump again even if nothing is known to have changed
 *
 * Context: worker; may wait for a dump.
 * Return: the current snapshot, to be put, or NULL: there is none.
 */
struct config *sync_snapshot(bool force)
{
	struct config *c;

	pthread_mutex_lock(&lock);
	dirty |= force;
	/* Registered, and asked, before the first dump was made: it is being made */
	if (sync_family() && (!current || dirty || link_readable(&events)))
		wait_for_main();
	c = config_get(current);
	pthread_mutex_unlock(&lock);
	return c;
}
