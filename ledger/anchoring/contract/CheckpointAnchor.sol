// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// Remembers when the hash of a log's checkpoint was first shown to the chain.
///
/// Nobody owns it, it takes no money, and nothing in it can be changed: each publisher writes under
/// its own address, sizes of one log only grow, and a digest keeps the time of its first block.
contract CheckpointAnchor {
    struct Anchor {
        uint64 size;
        uint64 time;
        bytes32 digest;
    }

    /// publisher => SHA-256 of the log's origin => its newest checkpoint
    mapping(address => mapping(bytes32 => Anchor)) public latest;

    /// publisher => SHA-256 of a checkpoint's text => time of the block that first held it, or 0
    mapping(address => mapping(bytes32 => uint64)) public anchoredAt;

    event Anchored(
        address indexed publisher, bytes32 indexed log, uint64 size, bytes32 digest, uint64 time
    );

    error NotNewer(uint64 size, uint64 known);

    /// log: SHA-256 of the origin; size: entries; digest: SHA-256 of the checkpoint's note text.
    function anchor(bytes32 log, uint64 size, bytes32 digest) external {
        Anchor storage known = latest[msg.sender][log];
        if (size <= known.size) revert NotNewer(size, known.size);
        uint64 time = uint64(block.timestamp);
        latest[msg.sender][log] = Anchor(size, time, digest);
        if (anchoredAt[msg.sender][digest] == 0) anchoredAt[msg.sender][digest] = time;
        emit Anchored(msg.sender, log, size, digest, time);
    }
}
