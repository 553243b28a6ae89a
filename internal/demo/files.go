package demo

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"
)

// file returns the content of a file of the type of its name: a PNG picture, a PDF of one
// page, or a text log. The content depends on n.
func file(name string, n int) []byte {
	switch {
	case strings.HasSuffix(name, ".png"):
		return picture(n)
	case strings.HasSuffix(name, ".pdf"):
		return pdf(fmt.Sprintf("Lindqvist Bikes, document %d", 88000+n))
	}
	var b strings.Builder
	for i := range 40 {
		fmt.Fprintf(&b, "%02d:%02d:%02d torque=%d battery=%d%% %s\n", 17, i/4, i*13%60, (i*29+n)%80, 83-i/3, []string{"ok", "ok", "ok", "E-14"}[i%4])
	}
	return []byte(b.String())
}

// picture returns a PNG picture of a wheel. It has a palette, with which it is encoded in a tenth of
// the time of one with a colour for each pixel.
func picture(n int) []byte {
	const size = 320
	const rim, spoke, ring, ground = 0, 1, 2, 3
	colours := color.Palette{color.RGBA{38, 42, 40, 255}, color.RGBA{96, 104, 100, 255}, color.RGBA{150, uint8(120 + n%30), 92, 255}}
	for y := 0; y < size; y += 2 {
		colours = append(colours, color.RGBA{uint8(205 - y/8), uint8(214 - y/10), uint8(208 - n%40), 255})
	}
	img := image.NewPaletted(image.Rect(0, 0, size, size), colours)
	for y := range size {
		for x := range size {
			dx, dy := x-size/2, y-size/2
			r := dx*dx + dy*dy
			c := ground + y/2
			switch {
			case r > 140*140 && r < 152*152:
				c = rim
			case r < 18*18, r < 140*140 && (dx == 0 || dy == 0 || dx == dy || dx == -dy):
				c = spoke
			case r > 70*70 && r < 82*82:
				c = ring
			}
			img.SetColorIndex(x, y, uint8(c))
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err) // encoding fails only if the writer does, and a buffer does not
	}
	return b.Bytes()
}

// pdf returns a minimal PDF document of one page with one line of text.
func pdf(line string) []byte {
	content := fmt.Sprintf("BT /F1 18 Tf 72 760 Td (%s) Tj ET", line)
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(content), content),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	var offsets []int
	for i, o := range objects {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, o := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
	return b.Bytes()
}
