namespace RawWs.Conformance;

/// <summary>Large messages in one frame and in many, many messages, and the limit itself.</summary>
internal static class LimitCases
{
    private const int MiB = 1 << 20;

    public static CaseList Create(ConformanceOptions options)
    {
        var cases = new CaseList("limits");
        foreach (var opcode in (Opcode[])[Opcode.Text, Opcode.Binary])
        {
            foreach (var size in (int[])[65_536, 262_144, MiB, 4 * MiB, 8 * MiB, 16 * MiB])
                AddEcho(cases, options, $"{Name(opcode)}-{Size(size)}", opcode, size, size);

            foreach (var fragment in (int[])[64, 256, 1024, 4096, 16_384, 65_536, 262_144, MiB, 2 * MiB])
                AddEcho(cases, options, $"{Name(opcode)}-4MiB-by-{Size(fragment)}", opcode, 4 * MiB, fragment);

            foreach (var write in (int[])[64, 128, 256, 512, 1024, 2048])
                AddWrites(cases, options, opcode, write);

            foreach (var size in (int[])[0, 16, 64, 256, 1024, 4096, 16_384, 65_536])
                AddRoundTrips(cases, opcode, size);
        }

        AddPipelined(cases);
        AddLimit(cases, options);
        return cases;
    }

    private static void AddEcho(CaseList cases, ConformanceOptions options, string name, Opcode opcode, int size, int fragment)
    {
        if (size > options.MaxMessageSize)
            return;

        cases.Add(name, $"A {opcode} message of {size} bytes in fragments of {fragment}.", Rfc6455.PayloadLength, Expected.Echo, async c =>
            await ManyFragments.EchoAsync(c,
                Frame.Fragments(opcode, opcode == Opcode.Text ? Payloads.Text(size) : c.RandomBytes(size), fragment)), Bulk(size));
    }

    private static void AddWrites(CaseList cases, ConformanceOptions options, Opcode opcode, int write)
    {
        if (MiB > options.MaxMessageSize)
            return;

        cases.Add($"{Name(opcode)}-1MiB-writes-of-{write}", $"A {opcode} message of 1 MiB in one frame, in writes of {write} bytes.",
            Rfc6455.Segmentation, Expected.Echo, async c =>
        {
            var peer = await c.OpenAsync();
            var frame = new Frame(opcode, opcode == Opcode.Text ? Payloads.Text(MiB) : c.RandomBytes(MiB));
            await peer.SendInWritesOfAsync(frame.ToBytes(c.Random), write, frame.ToString());
            await peer.ExpectEchoAsync(frame);
        }, CaseTraits.Bulky);
    }

    private static void AddRoundTrips(CaseList cases, Opcode opcode, int size)
    {
        var count = size > 16_384 ? 100 : 500;
        cases.Add($"{Name(opcode)}-round-trips-{size}",
            $"{count} {opcode} messages of {size} bytes, each after the echo of the one before.", Rfc6455.PayloadLength, Expected.Echo,
            async c =>
        {
            var peer = await c.OpenAsync();
            var frame = new Frame(opcode, opcode == Opcode.Text ? Payloads.Text(size) : c.RandomBytes(size));
            var rounds = c.Options.Chop == ChopMode.OneByte ? 10 : count;
            for (var i = 0; i < rounds; i++)
                await peer.EchoAsync(frame);
        }, size > 4096 ? CaseTraits.Bulky : CaseTraits.None);
    }

    private static void AddPipelined(CaseList cases)
    {
        foreach (var (count, size) in ((int, int)[])[(10_000, 1), (2000, 125), (2000, 1000), (100, 65_536)])
        {
            cases.Add($"pipelined-{count}-of-{size}", $"{count} binary messages of {size} bytes without a pause.", Rfc6455.Segmentation,
                "each comes back, in order.", async c =>
            {
                var peer = await c.OpenAsync();
                var frames = Enumerable.Range(0,
                    count).Select(i =>
                    Frame.Binary(size < 4 ? new[] { (byte)i } : BitConverter.GetBytes(i).Concat(new byte[size - 4]).ToArray())).ToArray();
                await peer.SendAsync(frames);
                foreach (var frame in frames)
                    await peer.ExpectEchoAsync(frame);
            }, CaseTraits.Bulky);
        }
    }

    private static void AddLimit(CaseList cases, ConformanceOptions options)
    {
        var limit = options.MaxMessageSize;
        foreach (var below in (int[])[0, 1])
        {
            cases.Add($"at-limit-minus-{below}", $"A binary message of {limit - below} bytes, where the limit is {limit}.",
                Rfc6455.SizeLimits, "a limit is what is still allowed: " + Expected.Echo, async c =>
                await (await c.OpenAsync()).EchoAsync(Frame.Binary(c.RandomBytes(limit - below))), CaseTraits.Bulky);
        }

        cases.Add("at-limit-in-fragments", $"A binary message of {limit} bytes in fragments of 60 000.", Rfc6455.SizeLimits, Expected.Echo,
            async c =>
            await (await c.OpenAsync()).EchoAsync(Frame.Fragments(Opcode.Binary, c.RandomBytes(limit), 60_000)), CaseTraits.Bulky);

        foreach (var above in (int[])[1, 65_536])
        {
            AddTooBig(cases, $"over-limit-by-{above}", $"A binary message of {limit} + {above} bytes in one frame.",
                c => [Frame.Binary(c.RandomBytes(limit + above))]);
            AddTooBig(cases, $"over-limit-by-{above}-in-fragments", $"A binary message of {limit} + {above} bytes in fragments of 60 000.",
                c => Frame.Fragments(Opcode.Binary, c.RandomBytes(limit + above), 60_000));
        }

        AddTooBig(cases, "over-limit-by-last-fragment", $"A fragment of {limit} bytes, a pong, and a last fragment of one byte.",
            c => [Frame.Binary(c.RandomBytes(limit)) with { Fin = false }, Frame.Pong("x"), Frame.Continuation("1")]);

        cases.Add("limit-is-per-message", $"Three binary messages of two thirds of the limit of {limit}.", Rfc6455.SizeLimits,
            "the limit holds for a message, not for the connection: each comes back.", async c =>
        {
            var peer = await c.OpenAsync();
            for (var i = 0; i < 3; i++)
                await peer.EchoAsync(Frame.Fragments(Opcode.Binary, c.RandomBytes(limit / 3 * 2), 1 << 20));
        }, CaseTraits.Bulky);
    }

    private static void AddTooBig(CaseList cases, string name, string title, Func<CaseContext, Frame[]> message) =>
        cases.Add(name, title, Rfc6455.TooBig, Expected.FailTooBig, async c =>
        {
            var peer = await c.OpenAsync();
            await peer.SendEachAsync(message(c));
            await peer.ExpectFailAsync(1009);
        }, CaseTraits.Bulky);

    private static CaseTraits Bulk(int size) => size > 70_000 ? CaseTraits.Bulky : CaseTraits.None;

    private static string Name(Opcode opcode) => opcode.ToString().ToLowerInvariant();

    private static string Size(int size) => size >= MiB ? $"{size / MiB}MiB" : $"{size}";
}
