untrusted comment: signature from minisign secret key
RWS1mW4yHeGhncw7ZsC4PdO+koaR6PYdy1nvDXgXwgAWLBnkNkCUBPGB+0zojeXrTjtUWi4I7YtM37UCdJt+7fAbJZ44PSyXYwc=
trusted comment: timestamp:1795382946	file:file	version:1.0.1
8NpQ/ouayvgbn/ftHSjZoXnv8nPZ/iuxG4Lsq3a0mBNizPW/N6QrNxuznyGl2g9SLHm1bUBfVa5HQbmTSMklAg==
