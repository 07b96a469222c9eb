namespace RawWs.Conformance;

/// <summary>What an endpoint that cuts messages on its own would do to us, and what the server does to its own messages.</summary>
internal static class AutoFragmentationCases
{
    public static CaseList Create()
    {
        var cases = new CaseList("auto-fragmentation");
        foreach (var (size, fragment) in ((int, int)[])[(65_536, 1300), (65_536, 1400), (65_536, 8192), (65_536, 1), (131_072, 16_384)])
        {
            cases.Add($"text-{size}-by-{fragment}", $"A text message of {size} bytes that our side cuts into frames of {fragment}.",
                Rfc6455.Fragmentation, Expected.Echo, async c =>
                await ManyFragments.EchoAsync(c, Frame.Fragments(Opcode.Text, Payloads.Text(size), fragment)),
                    fragment == 1 ? CaseTraits.Bulky : CaseTraits.None);
        }

        foreach (var size in (int[])[1000, 65_536, 1 << 20])
        {
            cases.Add($"server-frames-{size}", $"A text message of {size} bytes, to see in how many frames the server answers.",
                Rfc6455.FragmentSequence, "whatever the number, the frames make up the same message, and the first alone has the opcode.",
                async c =>
            {
                var peer = await c.OpenAsync();
                var frame = Frame.Text(Payloads.Text(size));
                await peer.SendAsync(frame);
                c.Note($"{(await peer.ExpectMessageAsync(Opcode.Text, frame.Payload)).FrameCount} frames");
            }, size > 70_000 ? CaseTraits.Bulky : CaseTraits.None);
        }

        return cases;
    }
}
