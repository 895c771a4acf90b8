const roles = ['guest', 'participant', 'host', 'moderator', 'operator'];

/**
 * The role that holds in a space (docs/PROTOCOL.md, "Rights"): a host of some spaces is a participant in all others. It
 * only decides what the page shows; the hub decides what is done.
 */
export function roleIn(me, space) {
  if (me.roleHere?.space === space && roles.includes(me.roleHere.role)) return me.roleHere.role;
  if (me.role === 'host' && me.hosts && !me.hosts.includes(space)) return 'participant';
  return roles.includes(me.role) ? me.role : 'guest';
}

/** Whether somebody has at least a role where they are. */
export const isAtLeast = (store, role) => roles.indexOf(roleIn(store.me, store.space.id)) >= roles.indexOf(role);
