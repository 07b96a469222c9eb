using RawWs.Compression;
using RawWs.Tests.Protocol;
using ReferenceInflater = RawWs.Conformance.Inflater;

namespace RawWs.Tests.Compression;

public class DeflaterTests
{
    // zlib keeps this much of its window for what it looks ahead to.
    private const int Lookahead = 262;

    private static readonly int[] Levels = [1, 6, 9];

    private static readonly byte[] Tail = [0x00, 0x00, 0xFF, 0xFF];

    public static TheoryData<int, int> LevelsAndWindows
        => [.. Levels.SelectMany(level => Enumerable.Range(9, 7).Select(bits => (level, bits)))];

    // The reference inflater refuses what lies outside the window. That the window is used nearly to its end shows that this tests something.
    [Theory]
    [MemberData(nameof(LevelsAndWindows))]
    public void References_stay_inside_the_window_and_use_it(int level, int windowBits)
    {
        using var deflater = new Deflater(level, windowBits);
        var reference = new ReferenceInflater(windowBits, contextTakeover: true);
        var random = new Random(windowBits);

        for (var round = 0; round < 3; round++)
        {
            var message = Tempting(random);
            Assert.Equal(message, reference.Inflate(Compress(deflater, message, forget: false)));
        }

        Assert.InRange(reference.FarthestDistance, (1 << windowBits) / 2 - Lookahead, 1 << windowBits);
        Assert.InRange(reference.FarthestDistance, 1, 1 << windowBits);
    }

    [Theory]
    [MemberData(nameof(LevelsAndWindows))]
    public void Message_refers_to_the_one_before(int level, int windowBits)
    {
        using var deflater = new Deflater(level, windowBits);
        var reference = new ReferenceInflater(windowBits, contextTakeover: true);
        var message = Tempting(new Random(7))[..200];

        var first = Compress(deflater, message, forget: false);
        var second = Compress(deflater, message, forget: false);

        Assert.InRange(second.Length, 1, first.Length / 4);
        Assert.Equal(message, reference.Inflate(first));
        Assert.Equal(message, reference.Inflate(second));
    }

    [Theory]
    [MemberData(nameof(LevelsAndWindows))]
    public void Message_refers_to_nothing_before_a_flush_that_forgets(int level, int windowBits)
    {
        using var deflater = new Deflater(level, windowBits);
        var message = Tempting(new Random(7));
        var first = Compress(deflater, message, forget: true);

        for (var round = 0; round < 5; round++)
        {
            var next = Compress(deflater, message, forget: true);

            // A reference inflater without a past, each time: whatever refers back, it refuses.
            Assert.Equal(message, new ReferenceInflater(windowBits, contextTakeover: false).Inflate(next));
            Assert.Equal(first, next);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(1000)]
    [InlineData(100_000)]
    public void Output_ends_with_an_empty_block(int length)
    {
        using var deflater = new Deflater(1, 15);
        var message = new byte[length];

        foreach (var forget in new[] { false, true, false })
        {
            var output = new byte[Deflater.BoundOf(length)];
            var written = deflater.Compress(message, output, forget);
            Assert.Equal(Tail, output.AsSpan(written - 4, 4));
        }
    }

    // What a message can become at worst: bytes whose fixed code has nine bits, and noise, at every length up to some blocks.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(6)]
    [InlineData(9)]
    public void Bound_holds_for_what_does_not_compress(int level)
    {
        var random = new Random(level);
        var noise = new byte[300_000];
        random.NextBytes(noise);
        byte[] nineBits = [.. noise.Select(octet => (byte)(144 + octet % 112))];

        for (var windowBits = 9; windowBits <= 15; windowBits++)
        {
            using var deflater = new Deflater(level, windowBits);
            var reference = new ReferenceInflater(15, contextTakeover: true);

            foreach (var length in Enumerable.Range(1, 40).Concat([127, 128, 1000, 4095, 16_383, 32_768, 65_535, 65_536, 131_073, 300_000]))
            {
                foreach (var data in new[] { noise, nineBits })
                {
                    var message = data.AsSpan(0, length);
                    var compressed = Compress(deflater, message, forget: length % 2 == 0);
                    if (length < 70_000)
                        Assert.Equal(message, reference.Inflate(compressed).AsSpan());
                }
            }
        }
    }

    // A span of exactly what is needed leaves no room to see that the flush is complete: that is an error, and not a silent loss.
    [Fact]
    public void Output_without_room_throws_and_nothing_is_lost_in_silence()
    {
        var message = Tempting(new Random(3));
        using var measuring = new Deflater(1, 15);
        var needed = Compress(measuring, message, forget: true).Length + Tail.Length;

        foreach (var room in new[] { 0, 1, needed / 2, needed - 1, needed })
        {
            using var deflater = new Deflater(1, 15);
            Assert.Throws<InvalidOperationException>(() => deflater.Compress(message, new byte[room], forget: true));
        }

        using var roomy = new Deflater(1, 15);
        Assert.Equal(needed, roomy.Compress(message, new byte[needed + 1], forget: true));
    }

    [Theory]
    [InlineData(7)]
    [InlineData(16)]
    [InlineData(0)]
    public void Window_that_zlib_does_not_have_can_not_be_made(int windowBits)
        => Assert.Throws<InvalidOperationException>(() => new Deflater(1, windowBits));

    [Fact]
    public void Compressing_allocates_nothing()
    {
        using var deflater = new Deflater(1, 15);
        var (message, output) = (new byte[10_000], new byte[Deflater.BoundOf(10_000)]);
        Assert.Equal(0, Allocation.Of(() =>
        {
            for (var round = 0; round < 100; round++)
                deflater.Compress(message, output, forget: round % 2 == 0);
        }));
    }

    private static byte[] Compress(Deflater deflater, ReadOnlySpan<byte> message, bool forget)
    {
        var output = new byte[Deflater.BoundOf(message.Length)];
        var written = deflater.Compress(message, output, forget);
        Assert.Equal(Tail, output.AsSpan(written - 4, 4));
        return output[..(written - 4)];
    }

    /// <summary>The same 200 bytes at growing distances, so that every window is tempted to reach farther than it may.</summary>
    private static byte[] Tempting(Random random)
    {
        var block = Noise(200);
        var bytes = new List<byte>(block);
        foreach (var gap in (int[])[20, 40, 120, 400, 700, 1400, 1700, 3500, 3700, 7300, 7800, 15_500, 16_000, 31_000])
            bytes.AddRange([.. Noise(gap), .. block]);

        return [.. bytes];

        byte[] Noise(int length)
        {
            var noise = new byte[length];
            random.NextBytes(noise);
            return noise;
        }
    }
}
