using System.Runtime.CompilerServices;

namespace RawWs.Diagnostics;

/// <summary>What has passed through connections: as one thread has counted it, or the sum of several.</summary>
/// <remarks>
/// One thread counts, any may read. A number is written and read whole, in a process of 32 bits too; two numbers are of the same moment only while nobody counts.
/// </remarks>
internal struct MessageCounts
{
    /// <summary>Messages that were to be sent.</summary>
    public long Published;

    /// <summary>Messages that were published and not sent, by the reason.</summary>
    public ByReason Dropped;

    /// <summary>What has arrived, by the opcode.</summary>
    public ByOpcode Received;

    /// <summary>What the network has taken, by the opcode.</summary>
    public ByOpcode Sent;

    /// <summary>Adds to a number that other threads may be reading. Only the one thread that counts here calls it.</summary>
    public static void Count(ref long number, long change) => Volatile.Write(ref number, number + change);

    /// <summary>Adds what another thread has counted.</summary>
    public void Add(in MessageCounts other)
    {
        Published += Volatile.Read(in other.Published);
        for (var reason = 0; reason < ByReason.Length; reason++)
            Dropped[reason] += Volatile.Read(in other.Dropped[reason]);

        for (var opcode = 0; opcode < ByOpcode.Length; opcode++)
        {
            Received[opcode].Add(other.Received[opcode]);
            Sent[opcode].Add(other.Sent[opcode]);
        }
    }

    /// <summary>A number for each <see cref="DropReason"/>.</summary>
    [InlineArray(Length)]
    public struct ByReason
    {
        public const int Length = (int)DropReason.Cancelled + 1;

        private long _first;
    }

    /// <summary>
    /// Counts for each opcode of 4 bits. Those of the opcodes that do not exist stay 0: behind everything else they keep what two threads write further apart than a
    /// cache line, wherever the garbage collector puts it.
    /// </summary>
    [InlineArray(Length)]
    public struct ByOpcode
    {
        public const int Length = 16;

        private OfOpcode _first;
    }

    /// <summary>What has passed in frames of one opcode, in one direction.</summary>
    public struct OfOpcode
    {
        public long Frames;

        /// <summary>Their payloads, in bytes, as they are on the wire.</summary>
        public long PayloadBytes;

        /// <summary>Whole messages, of whose type this is the opcode.</summary>
        public long Messages;

        /// <inheritdoc cref="MessageCounts.Add"/>
        public void Add(in OfOpcode other)
        {
            Frames += Volatile.Read(in other.Frames);
            PayloadBytes += Volatile.Read(in other.PayloadBytes);
            Messages += Volatile.Read(in other.Messages);
        }
    }
}
