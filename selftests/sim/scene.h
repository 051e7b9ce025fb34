/* SPDX-License-Identifier: GPL-2.0 */
/* What directed runs have in common: scene.c. */
#ifndef _ISAKMP_SIM_SCENE_H
#define _ISAKMP_SIM_SCENE_H

#include "world.h"

struct world *scene_open(u64 seed, u8 exchange);
struct sim_sa *scene_sa(struct world *w, int node);
void scene_check_up(struct world *w);
struct ike_child *scene_child(struct world *w, int node);
void scene_close(struct world *w);

/* replay.c */
void scene_replay(u64 seed, unsigned int arg);

#endif
