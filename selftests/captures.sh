#!/bin/bash
# captures.sh: isakmp decode over files that captures.py makes: kinds of links, fragments, files that end
# anywhere, hostile octets (threat 62), very many packets. No module is needed.
. ./lib.sh

python3 captures.py
