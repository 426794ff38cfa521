#!/bin/sh
# Makes the name and password by which the nodes of a relay reach their NATS, once: files in ./secrets
# beside this one. For new ones remove the folder and run it again.
set -eu
cd "$(dirname "$0")"
# The folder is for its owner alone; the users of the containers, into which each file is mounted, read them.
mkdir -m 700 secrets
umask 022
password=$(head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n')
printf '%s' relay >secrets/nats-user
printf '%s' "$password" >secrets/nats-password
printf 'RELAY_PASSWORD: "%s"\n' "$password" >secrets/nats-users.conf
