"""The screen. Reads `Snapshot`, calls commands; never touches sources, steps or the store.

`kit` has what every wing uses; a wing's place file declares what it has on the screen (`kit.place`), and
`registry` gathers them. Screens, dialogs and widgets know the application as a `kit.shell.Shell` only.

Widgets are few and large: each draws its own lines, compares them with what it drew last, and repaints
only the cells that differ. Nothing in here polls.
"""
