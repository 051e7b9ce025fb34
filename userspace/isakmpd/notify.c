// SPDX-License-Identifier: GPL-2.0
/* sd_notify(3): one datagram to the socket that NOTIFY_SOCKET names. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"
#include "notify.h"

/**
 * notify() - tell the service manager, if there is one
 * @state: lines of NAME=VALUE
 */
void notify(const char *state)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	const char *path = getenv("NOTIFY_SOCKET");
	size_t n = path ? strlen(path) : 0;
	socklen_t len;
	int fd;

	if (!n || n > sizeof(to.sun_path) || (path[0] != '/' && path[0] != '@'))
		return;
	memcpy(to.sun_path, path, n);
	if (path[0] == '@')
		to.sun_path[0] = '\0';	/* an abstract socket has no terminator */
	len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || sendto(fd, state, strlen(state), MSG_NOSIGNAL,
			     (struct sockaddr *)&to, len) < 0)
		log_warning("service manager: %s", strerrordesc_np(errno));
	if (fd >= 0)
		close(fd);
}
