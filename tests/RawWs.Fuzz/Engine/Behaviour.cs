using System.Numerics;

namespace RawWs.Fuzz;

/// <summary>
/// What a target did with an input, in 64 bits (FNV-1a): the stand-in for code coverage. Inputs with the same behaviour are taken for equal, so that
/// what goes in here is coarse: kinds, codes, and lengths by their order of magnitude.
/// </summary>
internal struct Behaviour()
{
    public ulong Hash { get; private set; } = 0xCBF2_9CE4_8422_2325;

    public void Add(int what)
    {
        for (var shift = 0; shift < 32; shift += 8)
            Hash = (Hash ^ (byte)(what >> shift)) * 0x100_0000_01B3;
    }

    public void AddLength(long length) => Add(64 - BitOperations.LeadingZeroCount((ulong)length));

    public void Add(ReadOnlySpan<byte> bytes)
    {
        foreach (var octet in bytes)
            Hash = (Hash ^ octet) * 0x100_0000_01B3;
    }

    /// <summary>The hash of bytes themselves.</summary>
    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        var behaviour = new Behaviour();
        behaviour.Add(bytes);
        return SplitMix64.Mix(behaviour.Hash);
    }
}
