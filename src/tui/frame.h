/* SPDX-License-Identifier: MIT */
/* The frame around screens: title line, status line, key line; see app.h for app_frame and app_display. */
#ifndef SO_TUI_FRAME_H
#define SO_TUI_FRAME_H

#define FRAME_TOP 1    /* rows above a screen */
#define FRAME_BOTTOM 2 /* rows below it */
#define FRAME_MIN_WIDTH 60
#define FRAME_MIN_HEIGHT 16

#endif
