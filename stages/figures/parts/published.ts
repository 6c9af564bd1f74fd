/** What captions say of points that the authors published. */

/** " Hollow: the authors' own points (arXiv:2505.10465), n = 1000." */
export function publishedNote(of: string): string {
  return ` Hollow: the points of the authors' figure (arXiv:2505.10465), ${of}.`;
}

/** Begins the subtitle of a figure that only shows what the authors published. */
export const notMeasured = 'Published points, not measured again: ';
