#!/bin/sh
# Makes the certificates of this folder anew. They are committed, because recorded answers contain the client's
# certificate: after running this, record the cases that need `middleware:passTLSClientCert` again.
set -eu
cd "$(dirname "$0")"
rm -f -- *.crt *.key
openssl req -x509 -newkey rsa:2048 -nodes -days 36500 -subj "/O=Ferroway/CN=Conformance CA" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=keyCertSign,cRLSign -keyout ca.key -out ca.crt

# leaf NAME SERIAL SUBJECT EXTENSIONS
leaf() {
    openssl req -new -newkey rsa:2048 -nodes -subj "$3" -keyout "$1.key" -out "$1.csr"
    printf '%b\n' "$4" >"$1.cnf"
    openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -set_serial "$2" -days 36400 -extfile "$1.cnf" -out "$1.crt"
    rm "$1.csr" "$1.cnf"
}
leaf backend.local 7007 /CN=backend.local "subjectAltName=DNS:backend.local,DNS:localhost,IP:127.0.0.1"
leaf client1 7009 "/DC=org/DC=cheese/C=FR/ST=Some State/L=Toulouse/O=Cheese/OU=Simple Signing Section/CN=*.cheese.org" \
    "subjectAltName=DNS:*.cheese.org,DNS:*.cheese.net,IP:10.0.1.0,email:test@cheese.org\nextendedKeyUsage=clientAuth"
rm ca.key
