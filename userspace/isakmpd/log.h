/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The log: stderr.  What a peer causes is logged at debug; what is wrong on our
 * side above it.  There is no way to print octets but ident_print(): secrets
 * cannot get here.
 */
#ifndef _ISAKMPD_LOG_H
#define _ISAKMPD_LOG_H

#include <stdbool.h>

/* The numbers of syslog(3). */
enum log_level {
	LEVEL_ERR = 3,
	LEVEL_WARNING = 4,
	LEVEL_NOTICE = 5,
	LEVEL_INFO = 6,
	LEVEL_DEBUG = 7,
};

void log_open(bool verbose);
bool log_often(void);
bool log_debugs(void);
__attribute__((format(printf, 2, 3)))
void log_line(enum log_level level, const char *fmt, ...);

#define log_err(...)		log_line(LEVEL_ERR, __VA_ARGS__)
#define log_warning(...)	log_line(LEVEL_WARNING, __VA_ARGS__)
#define log_notice(...)		log_line(LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...)		log_line(LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)		log_line(LEVEL_DEBUG, __VA_ARGS__)

#endif
